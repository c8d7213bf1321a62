// Whether a backup is, byte for byte, what this server wrote: by FILE.mac beside it and the backup key
// (crypto/backup_key.h). Lives on main's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"
#include "base/status.h"
#include "crypto/crypto.h"

namespace ctl {

// What may be read of the keys: the one that the master key gives, and DATA/backup.key. To be loaded as
// the owner of the data.
struct BackupKeys {
  base::Result<crypto::MasterKey> master;
  std::vector<crypto::BackupKey> keys;  // the first one is what new backups get
  std::string problem;                  // why there is none
};
BackupKeys LoadBackupKeys(const base::Settings& settings);

// Makes DATA/backup.key what the master key gives, if that is known and the file is missing or another.
// To be called as the owner of the data.
base::Status KeepBackupKey(const base::Settings& settings, const BackupKeys& keys);

enum class Authenticity : std::uint8_t {
  kGood,
  kNoMac,  // no FILE.mac
  kNoKey,  // no key to look with
  kWrong,  // FILE.mac fits with none of the keys
};
// `fd` is read from its start; `mac` is what FILE.mac said.
base::Result<Authenticity> Authenticate(const BackupKeys& keys,
                                        const std::optional<records::Sha256>& mac, int fd,
                                        const std::string& file);
// The same of a file by its name.
base::Result<Authenticity> AuthenticateFile(const BackupKeys& keys, const std::string& file);

// Why it is not kGood, and what to do. kConflict: not known; kCorrupt: wrong.
base::Status StatusOf(Authenticity authenticity, const BackupKeys& keys, const std::string& file);

// What FILE.mac of the bytes that `fd` holds is to say; nullopt: there is no key.
base::Result<std::optional<records::Sha256>> MacOf(const BackupKeys& keys, int fd,
                                                   const std::string& file);
// Puts that MAC beside a finished file; without one nothing says anything of it.
base::Status MarkBackup(const std::string& file, const std::optional<records::Sha256>& mac);
// The same of a file in the data folder, where its owner alone may write.
base::Status MarkOwnFile(const BackupKeys& keys, const std::string& file);
// The same of a database that was put aside, if it is sound: else it has no MAC, and the error says why.
base::Status MarkPutAside(const BackupKeys& keys, const std::string& file);

}  // namespace ctl
