// `latchkey restore`: puts a backup in the place of the database of a server that is stopped.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <optional>

#include "base/os/owner.h"
#include "base/os/unique_fd.h"
#include "ctl/args.h"
#include "ctl/backup/authenticity.h"
#include "ctl/backup/backup_facts.h"
#include "ctl/backup/database_copy.h"
#include "ctl/backup/stopped_server.h"
#include "ctl/commands.h"
#include "ctl/files/data_folder.h"
#include "ctl/keys/key_check.h"
#include "ctl/print/output.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

// What only whoever runs the command may be able to read, opened before root becomes the data's owner.
struct Source {
  std::string path;
  base::UniqueFd file;
  std::optional<records::Sha256> mac;
  BackupKeys keys;
};

Result<Source> Open(const std::string& path, BackupKeys keys) {
  const base::AsCaller caller;
  // Before anything is made or copied.
  if (const auto header = store::ReadBackupHeader(path); !header.ok()) return header.error();
  base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return base::ErrnoStatus("open " + path, errno);
  const auto mac = crypto::ReadMac(path);
  if (!mac.ok()) return mac.error();
  return Source{.path = path, .file = std::move(file), .mac = *mac, .keys = std::move(keys)};
}

struct Wish {
  bool without_key = false;
  bool unauthenticated = false;
};

struct Checked {
  store::BackupFacts facts;
  bool is_authenticated = false;
};

Status CheckKey(const Source& source, const std::string& copy) {
  const auto& master = source.keys.master;
  const Status key = master.ok() ? CheckKeyOpens(*master, copy) : master.error();
  if (key.ok()) return {};
  return {Code::kConflict,
          key.message() +
              ": put the master key of this backup in its place first. (--without-key restores "
              "it all the same: nobody can sign in until `latchkey keys` made new keys)"};
}

// Under a key that is not the backup's nothing fits: then it says nothing of the file.
Status CheckAuthenticity(Authenticity found, const Source& source, const Wish& wish) {
  if (found == Authenticity::kWrong && wish.without_key) found = Authenticity::kNoKey;
  Status status = StatusOf(found, source.keys, source.path);
  if (status.ok() || found == Authenticity::kWrong) return status;
  if (wish.unauthenticated) return {};
  return {status.code(), status.message() +
                             ". (--unauthenticated restores it all the same: only if "
                             "you know that nobody could change it)"};
}

// The copy is what will be served, so it is the copy that is checked.
Result<Checked> Check(const Source& source, const std::string& copy, const Wish& wish) {
  const base::UniqueFd file(::open(copy.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return base::ErrnoStatus("open " + copy, errno);
  const auto found = Authenticate(source.keys, source.mac, file.get(), copy);
  if (!found.ok()) return found.error();
  const auto facts = store::CheckBackup(copy);
  if (!facts.ok()) return facts.error();
  if (Status status = wish.without_key ? Status() : CheckKey(source, copy); !status.ok()) {
    return status;
  }
  if (Status status = CheckAuthenticity(*found, source, wish); !status.ok()) return status;
  return Checked{.facts = *facts, .is_authenticated = *found == Authenticity::kGood};
}

// Both can be done again: what was restored is in its place.
void Keep(const Source& source, const base::Settings& settings, const std::string& former) {
  Status status = KeepBackupKey(settings, source.keys);
  const bool is_one_file = !former.empty() && ::access((former + "-wal").c_str(), F_OK) != 0;
  if (status.ok() && is_one_file) status = MarkPutAside(source.keys, former);
  if (!status.ok()) std::cerr << "latchkey: " + status.message() + "\n";
}

void Print(const Output& output, const std::string& path, const base::Settings& settings,
           const Checked& checked, const std::string& former) {
  JsonObject object = FactsJson(path, checked.facts);
  object.push_back({"authenticated", checked.is_authenticated});
  object.push_back({"database", settings.DatabasePath()});
  object.push_back({"former", former.empty() ? Json() : Json(former)});
  output.Done(
      FactsText(path, checked.facts) + "\nIt is now " + settings.DatabasePath() +
          (former.empty() ? "." : "; the former one is " + former + ".") +
          "\nStart the server. Its state is that of the backup: whoever signed in later signs "
          "in again, and what\nwas revoked, suspended or changed later has to be again.",
      object);
}

Status Restore(const Args& args, Context& context) {
  const auto folder = FindDataFolder(context);
  if (!folder.ok()) return folder.error();
  if (Status status = base::ActAsOwner(folder->settings.data_dir); !status.ok()) return status;
  const auto source = Open(args.Text("file"), LoadBackupKeys(folder->settings));
  if (!source.ok()) return source.error();
  if (Status status = EnterDataFolder(*folder); !status.ok()) return status;
  const auto server = StoppedServer::Take(folder->settings);
  if (!server.ok()) return server.error();
  const std::string copy = folder->settings.DatabasePath() + ".restoring";
  if (const auto made = CopyIntoNewFile(source->file.get(), copy); !made.ok()) return made.error();
  const auto checked = Check(
      *source, copy,
      {.without_key = args.Has("--without-key"), .unauthenticated = args.Has("--unauthenticated")});
  const Result<std::string> former =
      checked.ok() ? server->PutInPlace(copy, "before-restore") : checked.error();
  if (!former.ok()) {
    ::unlink(copy.c_str());
    return former.error();
  }
  Keep(*source, folder->settings, *former);
  Print(Output(context.output), source->path, folder->settings, *checked, *former);
  return {};
}

}  // namespace

void RegisterRestore(CLI::App& app, Context& context) {
  CLI::App& command = AddCommand(
      app, context,
      {"restore",
       "put a backup in the place of the database; the server is stopped, the former one kept",
       "latchkey restore /mnt/backup/latchkey-20261127T031500Z.db\n"
       "latchkey --data /srv/latchkey restore before-the-move.db"},
      &Restore);
  AddRequired(command, "file", "FILE", "made by `latchkey backup`");
  AddFlag(command, "--without-key", "even where the master key does not open its signing keys");
  AddFlag(command, "--unauthenticated",
          "even without FILE.mac, or without a key to look at it; never against it");
}

}  // namespace ctl
