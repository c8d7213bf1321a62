#include "ctl/backup/authenticity.h"

#include <fcntl.h>

#include <cerrno>

#include "base/os/unique_fd.h"
#include "store/backup/backup_check.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

}  // namespace

BackupKeys LoadBackupKeys(const base::Settings& settings) {
  BackupKeys found{
      .master = crypto::MasterKey::Load(settings.MasterKeyPath()), .keys = {}, .problem = {}};
  if (found.master.ok()) found.keys.push_back(crypto::BackupKey::Of(*found.master));
  const auto kept = crypto::BackupKey::Load(crypto::BackupKeyPath(settings.data_dir));
  if (kept.ok()) found.keys.push_back(*kept);
  if (found.keys.empty()) found.problem = kept.error().message();
  return found;
}

Status KeepBackupKey(const base::Settings& settings, const BackupKeys& keys) {
  if (!keys.master.ok()) return {};
  const std::string path = crypto::BackupKeyPath(settings.data_dir);
  const auto own = crypto::BackupKey::Of(*keys.master);
  const auto kept = crypto::BackupKey::Load(path);
  return kept.ok() && kept->Equals(own) ? Status() : own.Save(path);
}

Result<Authenticity> Authenticate(const BackupKeys& keys, const std::optional<records::Sha256>& mac,
                                  int fd, const std::string& file) {
  if (!mac) return Authenticity::kNoMac;
  if (keys.keys.empty()) return Authenticity::kNoKey;
  for (const crypto::BackupKey& key : keys.keys) {
    const auto fits = key.Fits(*mac, fd, file);
    if (!fits.ok()) return fits.error();
    if (*fits) return Authenticity::kGood;
  }
  return Authenticity::kWrong;
}

Result<Authenticity> AuthenticateFile(const BackupKeys& keys, const std::string& file) {
  const auto mac = crypto::ReadMac(file);
  if (!mac.ok()) return mac.error();
  const base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return base::ErrnoStatus("open " + file, errno);
  return Authenticate(keys, *mac, fd.get(), file);
}

Status StatusOf(Authenticity authenticity, const BackupKeys& keys, const std::string& file) {
  const std::string mac = crypto::MacPath(file);
  switch (authenticity) {
    case Authenticity::kGood:
      return {};
    case Authenticity::kNoMac:
      return {Code::kConflict, file + " is not authenticated: there is no " + mac +
                                   ", which `latchkey backup` puts beside it: copy it as well"};
    case Authenticity::kNoKey:
      return {Code::kConflict, file + " is not authenticated: " + keys.problem +
                                   ": put the master key, or backup.key, in its place"};
    case Authenticity::kWrong:
      return {Code::kCorrupt, file + " is not what was backed up: " + mac +
                                  " does not fit it. It was changed or damaged afterwards, or made "
                                  "under another key: use another backup"};
  }
  return {Code::kInternal, "no such authenticity"};
}

Result<std::optional<records::Sha256>> MacOf(const BackupKeys& keys, int fd,
                                             const std::string& file) {
  if (keys.keys.empty()) return std::optional<records::Sha256>();
  const auto mac = keys.keys.front().Mac(fd, file);
  if (!mac.ok()) return mac.error();
  return std::optional(*mac);
}

Status MarkBackup(const std::string& file, const std::optional<records::Sha256>& mac) {
  return mac ? crypto::WriteMac(file, *mac) : crypto::RemoveMac(file);
}

Status MarkOwnFile(const BackupKeys& keys, const std::string& file) {
  const base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return base::ErrnoStatus("open " + file, errno);
  const auto mac = MacOf(keys, fd.get(), file);
  return mac.ok() ? MarkBackup(file, *mac) : mac.error();
}

Status MarkPutAside(const BackupKeys& keys, const std::string& file) {
  Status sound = store::CheckBackup(file).status();
  if (sound.code() == Code::kInvalid) sound = store::CheckPages(file);  // of a newer version
  if (sound.ok()) return MarkOwnFile(keys, file);
  if (Status status = crypto::RemoveMac(file); !status.ok()) return status;
  return {sound.code(), "what was put aside gets no MAC: " + sound.message()};
}

}  // namespace ctl
