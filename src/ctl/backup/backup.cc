// `latchkey backup`: a copy of the database as it is, made while it is served or while it is not.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <optional>
#include <system_error>

#include "base/os/durable_file.h"
#include "base/os/owner.h"
#include "ctl/args.h"
#include "ctl/backup/authenticity.h"
#include "ctl/backup/backup_facts.h"
#include "ctl/backup/backup_names.h"
#include "ctl/backup/database_copy.h"
#include "ctl/backup/last_backup.h"
#include "ctl/commands.h"
#include "ctl/print/output.h"
#include "store/backup/online_backup.h"
#include "supervisor/environment.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;
namespace fs = std::filesystem;

constexpr std::int64_t kMostKept = 100'000;
constexpr std::string_view kUnfinished = ".partial";

// What --keep works on; empty: the target is a file of any name.
struct Target {
  std::string path;
  std::string folder;
};

Result<Target> TargetOf(const Args& args) {
  const base::AsCaller caller;
  const std::string name = args.Text("target");
  std::error_code error;
  if (fs::is_directory(name, error)) {
    return Target{.path = (fs::path(name) / BackupName(base::SystemClock().Now())).string(),
                  .folder = name};
  }
  if (name.ends_with(store::kStagedSuffix)) {
    return Status(
        Code::kInvalid,
        name + " is what an unfinished copy is called, and removed as such: name another");
  }
  if (args.Has("--keep")) {
    return Status(Code::kInvalid, name + " is no folder: --keep works on a folder of backups");
  }
  if (fs::exists(name, error)) {
    return Status(Code::kExists, name + " is there already: name a new file, or a folder");
  }
  return Target{.path = name, .folder = {}};
}

// A line that is written over, for people alone.
CopyProgress ProgressLine(const Output& output) {
  if (output.json() || ::isatty(STDERR_FILENO) == 0) return [](std::int64_t, std::int64_t) {};
  return [](std::int64_t copied, std::int64_t total) {
    const std::int64_t percent = total == 0 ? 100 : copied * 100 / total;
    std::cerr << "\rcopying: " << percent << " %" << (copied == total ? ", checking\n" : "")
              << std::flush;
  };
}

struct Made {
  store::BackupFacts facts;
  std::optional<records::Sha256> mac;
};

// Whole under a name of its own first.
Status Place(StagedCopy& copy, const std::string& path) {
  const std::string unfinished = path + std::string(kUnfinished);
  const base::AsCaller caller;
  Status status = copy.MoveTo(unfinished);
  if (status.ok()) status = base::RenameDurably(unfinished, path);
  if (status.ok()) return copy.CheckIsAt(path);
  ::unlink(unfinished.c_str());
  return status;
}

// Checked and its MAC taken where the owner of the data alone may write, by what is open: what lies
// at `path` in the end may be another's.
Result<Made> Make(const base::Settings& settings, const BackupKeys& keys, const std::string& path,
                  const CopyProgress& progress) {
  auto copy = StagedCopy::Make(settings, progress);
  if (!copy.ok()) return copy.error();
  const auto facts = store::CheckBackup(copy->path());
  if (!facts.ok()) return facts.error();
  const auto mac = MacOf(keys, copy->fd(), copy->path());
  if (!mac.ok()) return mac.error();
  if (Status status = Place(*copy, path); !status.ok()) return status;
  return Made{.facts = *facts, .mac = *mac};
}

// What only says something of a backup that is not there (any more).
bool IsLeftOver(const std::string& name, const std::vector<std::string>& names) {
  for (const std::string_view suffix : {std::string_view(".mac"), std::string_view(".mac.new")}) {
    if (!name.ends_with(suffix)) continue;
    const std::string backup = name.substr(0, name.size() - suffix.size());
    return IsBackupName(backup) && std::find(names.begin(), names.end(), backup) == names.end();
  }
  return false;
}

Status Remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return base::ErrnoStatus("remove " + path, errno);
}

// Old backups, each with its MAC, and what a killed command left of one. `made` stays, even where the clock makes it
// the oldest of all.
Result<JsonArray> RemoveSurplus(const std::string& folder, std::size_t keep,
                                const std::string& made) {
  const base::AsCaller caller;
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    names.push_back(entry.path().filename().string());
  }
  if (error) return base::ErrnoStatus("list " + folder, error.value());
  std::vector<std::string> surplus = SurplusBackups(names, keep);
  for (const std::string& name : names) {
    if (!name.ends_with(kUnfinished)) continue;
    if (IsBackupName(name.substr(0, name.size() - kUnfinished.size()))) surplus.push_back(name);
  }
  JsonArray removed;
  for (const std::string& name : surplus) {
    const std::string path = (fs::path(folder) / name).string();
    if (path == made) continue;
    if (Status status = Remove(path); !status.ok()) return status;
    if (Status status = crypto::RemoveMac(path); !status.ok()) return status;
    removed.emplace_back(path);
  }
  for (const std::string& name : names) {
    if (!IsLeftOver(name, names)) continue;
    if (Status status = Remove((fs::path(folder) / name).string()); !status.ok()) return status;
  }
  return removed;
}

void Print(const Output& output, const base::Settings& settings, const std::string& path,
           const store::BackupFacts& facts, const JsonArray& removed, bool is_marked) {
  JsonObject object = FactsJson(path, facts);
  object.push_back({"authenticated", is_marked});
  object.push_back({"mac", is_marked ? Json(crypto::MacPath(path)) : Json()});
  object.push_back({"master_key", settings.MasterKeyPath()});
  object.push_back({"removed", removed});
  output.Done(
      FactsText(path, facts) +
          (is_marked ? "\nauthenticated by " + crypto::MacPath(path) + ": copy both" : "") +
          (removed.empty() ? "" : "\nremoved " + std::to_string(removed.size()) + " older") +
          "\nNot in it: the master key, " + settings.MasterKeyPath() +
          ". Keep a copy of it apart from the backups: without it none of\nthem can sign "
          "anybody in, and whoever has both can sign in as anybody.",
      object);
}

// The last thing that is done: root becomes the owner of the data for it. A good backup stays one where
// this fails; the disk of the data may be what is full.
void Note(const base::Settings& settings, const std::string& path, const BackupKeys& keys) {
  std::error_code error;
  const std::string file = fs::absolute(path, error).string();
  Status status = base::BecomeOwner(settings.data_dir);
  if (status.ok()) status = KeepBackupKey(settings, keys);
  if (status.ok()) status = NoteBackup(settings, file);
  if (status.ok()) return;
  std::cerr << "latchkey: the backup is good, but status and /metrics will not know of it: " +
                   status.message() + "\n";
}

Status WithoutKey(const BackupKeys& keys) {
  return {Code::kConflict, "the backup is good, but not authenticated: " + keys.problem +
                               ": run `latchkey backup` once as root, or as the owner of the data, "
                               "who may read the master key: that makes the backup key"};
}

Status Backup(const Args& args, Context& context) {
  auto settings = context.LoadSettings();
  if (!settings.ok()) return settings.error();
  if (Status status = supervisor::MakePathsAbsolute(&*settings); !status.ok()) return status;
  if (Status status = base::CheckOwner(settings->data_dir).status(); !status.ok()) return status;
  if (Status status = base::ActAsOwner(settings->data_dir); !status.ok()) return status;
  const auto target = TargetOf(args);
  if (!target.ok()) return target.error();
  const Output output(context.output);
  const BackupKeys keys = LoadBackupKeys(*settings);
  const auto made = Make(*settings, keys, target->path, ProgressLine(output));
  if (!made.ok()) return made.error();
  const Status marked = [&] {
    const base::AsCaller caller;
    return MarkBackup(target->path, made->mac);
  }();
  Result<JsonArray> removed = JsonArray();
  if (args.Has("--keep")) {
    removed = RemoveSurplus(target->folder, static_cast<std::size_t>(args.Number("--keep", 0)),
                            target->path);
  }
  Note(*settings, target->path, keys);
  if (!removed.ok()) return removed.error();
  if (!marked.ok())
    return {marked.code(), "the backup is good, but has no MAC: " + marked.message()};
  Print(output, *settings, target->path, made->facts, *removed, !keys.keys.empty());
  return keys.keys.empty() ? WithoutKey(keys) : Status();
}

}  // namespace

void RegisterBackup(CLI::App& app, Context& context) {
  CLI::App& command =
      AddCommand(app, context,
                 {"backup", "copy the database while it is served; the master key is not in it",
                  "latchkey backup /mnt/backup/before-the-move.db\n"
                  "latchkey backup /mnt/backup --keep 14     # a dated file; the newest 14 stay\n"
                  "latchkey --json backup /mnt/backup --keep 14"},
                 &Backup);
  AddRequired(command, "target", "FILE|FOLDER",
              "a new file, or a folder, in which it gets the name latchkey-TIME.db");
  AddNumber(command, "--keep", 1, kMostKept, "N",
            "in a folder: afterwards remove its oldest backups until N are left");
}

}  // namespace ctl
