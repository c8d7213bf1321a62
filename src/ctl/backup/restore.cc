// `latchkey restore`: puts a backup in the place of the database of a server that is stopped.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/os/unique_fd.h"
#include "ctl/args.h"
#include "ctl/backup/backup_facts.h"
#include "ctl/backup/database_copy.h"
#include "ctl/backup/stopped_server.h"
#include "ctl/commands.h"
#include "ctl/files/data_folder.h"
#include "ctl/files/run_environment.h"
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
  Result<crypto::MasterKey> key;
};

Result<Source> Open(const std::string& path, const base::Settings& settings) {
  // Before anything is made or copied.
  if (const auto header = store::ReadBackupHeader(path); !header.ok()) return header.error();
  base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return base::ErrnoStatus("open " + path, errno);
  return Source{.path = path,
                .file = std::move(file),
                .key = crypto::MasterKey::Load(settings.MasterKeyPath())};
}

// The copy is what will be served, so it is the copy that is checked.
Result<store::BackupFacts> Check(const Source& source, const std::string& copy, bool without_key) {
  auto facts = store::CheckBackup(copy);
  if (!facts.ok() || without_key) return facts;
  const Status key = source.key.ok() ? CheckKeyOpens(*source.key, copy) : source.key.error();
  if (key.ok()) return facts;
  return Status(
      Code::kConflict,
      key.message() +
          ": put the master key of this backup in its place first. (--without-key restores "
          "it all the same: nobody can sign in until `latchkey keys` made new keys)");
}

void Print(const Output& output, const std::string& path, const base::Settings& settings,
           const store::BackupFacts& facts, const std::string& former) {
  JsonObject object = FactsJson(path, facts);
  object.push_back({"database", settings.DatabasePath()});
  object.push_back({"former", former.empty() ? Json() : Json(former)});
  output.Done(
      FactsText(path, facts) + "\nIt is now " + settings.DatabasePath() +
          (former.empty() ? "." : "; the former one is " + former + ".") +
          "\nStart the server. Its state is that of the backup: whoever signed in later signs "
          "in again, and what\nwas revoked, suspended or changed later has to be again.",
      object);
}

Status Restore(const Args& args, Context& context) {
  const auto folder = FindDataFolder(context);
  if (!folder.ok()) return folder.error();
  const auto source = Open(args.Text("file"), folder->settings);
  if (!source.ok()) return source.error();
  if (Status status = EnterDataFolder(*folder); !status.ok()) return status;
  const auto server = StoppedServer::Take(folder->settings);
  if (!server.ok()) return server.error();
  const std::string copy = folder->settings.DatabasePath() + ".restoring";
  if (Status status = CopyIntoNewFile(source->file.get(), copy); !status.ok()) return status;
  const auto facts = Check(*source, copy, args.Has("--without-key"));
  const Result<std::string> former =
      facts.ok() ? server->PutInPlace(copy, "before-restore") : facts.error();
  if (!former.ok()) {
    ::unlink(copy.c_str());
    return former.error();
  }
  Print(Output(context.output), source->path, folder->settings, *facts, *former);
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
}

}  // namespace ctl
