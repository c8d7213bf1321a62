// `latchkey upgrade`: the schema of the database, forward and back.
#include <unistd.h>

#include "base/os/durable_file.h"
#include "base/os/owner.h"
#include "ctl/admin/admin.h"
#include "ctl/args.h"
#include "ctl/backup/authenticity.h"
#include "ctl/backup/backup_facts.h"
#include "ctl/backup/stopped_server.h"
#include "ctl/commands.h"
#include "ctl/files/data_folder.h"
#include "ctl/print/output.h"
#include "ctl/print/text.h"
#include "store/backup/online_backup.h"
#include "store/backup/upgrade.h"
#include "store/schema_check.h"
#include "store/writer_store.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

// What an upgrade finds and what it will take.
struct Outlook {
  store::MigrationPlan plan;
  std::int64_t bytes = 0;   // of the database
  std::int64_t needed = 0;  // for the snapshot, and as much for what the migrations write
  std::int64_t free = 0;
};

Result<Outlook> LookAt(const std::string& database_path) {
  auto database = store::Database::OpenForReading({.path = database_path});
  if (!database.ok()) return database.error();
  auto plan = store::PlanMigrations(*database, store::BuiltInMigrations());
  if (!plan.ok()) return Status(Code::kConflict, plan.error().message());
  if (Status status = store::CheckSchema(*database, database_path, store::BuiltInMigrations());
      !status.ok()) {
    return status;
  }
  const auto pages = database->QueryInteger("PRAGMA page_count");
  if (!pages.ok()) return pages.error();
  const auto room = base::RoomBeside(database_path);
  if (!room.ok()) return room.error();
  Outlook outlook{.plan = std::move(*plan), .bytes = *pages * store::kPageSizeBytes, .free = *room};
  if (!outlook.plan.pending.empty()) {
    outlook.needed = 2 * outlook.bytes + store::OnlineBackup::kReserveBytes;
  }
  return outlook;
}

JsonObject OutlookJson(const Outlook& outlook, const std::string& database_path) {
  JsonArray pending;
  for (const store::Migration& migration : outlook.plan.pending) {
    pending.emplace_back(std::string(migration.name));
  }
  const auto snapshot = store::FindSnapshot(database_path, outlook.plan.current);
  return {{"schema", outlook.plan.current},
          {"newest_schema", outlook.plan.newest},
          {"pending", pending},
          {"database_bytes", outlook.bytes},
          {"needed_bytes", outlook.needed},
          {"free_bytes", outlook.free},
          {"snapshot", snapshot ? Json(store::SnapshotPath(database_path, *snapshot)) : Json()}};
}

Status CheckRoom(const Outlook& outlook) {
  if (outlook.free >= outlook.needed) return {};
  const auto text = [](std::int64_t bytes) { return BytesText(static_cast<std::uint64_t>(bytes)); };
  return {Code::kFull, "no room for the upgrade: " + text(outlook.free) + " free, " +
                           text(outlook.needed) + " needed beside the database"};
}

Status Check(const base::Settings& settings, const Output& output) {
  const auto outlook = LookAt(settings.DatabasePath());
  if (!outlook.ok()) return outlook.error();
  output.One(OutlookJson(*outlook, settings.DatabasePath()));
  return CheckRoom(*outlook);
}

// As the writer does at its start; the locks stand in for it.
Status Migrate(const std::string& database_path, const BackupKeys& keys) {
  const base::SystemClock clock;
  store::WriterStoreOptions options;
  options.database.path = database_path;
  options.mark_snapshot = [&keys](const std::string& path) { return MarkOwnFile(keys, path); };
  auto store = store::WriterStore::Open(options, clock);
  if (!store.ok()) return store.error();
  return (*store)->CloseCleanly();
}

Status Forward(const DataFolder& folder, const Output& output) {
  const std::string path = folder.settings.DatabasePath();
  const auto outlook = LookAt(path);
  if (!outlook.ok()) return outlook.error();
  const JsonObject before = OutlookJson(*outlook, path);
  if (outlook->plan.pending.empty()) {
    output.Done("nothing to do: the database has schema " + std::to_string(outlook->plan.current) +
                    ", this version's",
                before);
    return {};
  }
  if (WriterIsRunning(folder.settings)) {
    return {
        Code::kConflict,
        "a writer of the former version serves the database: restart it, and it upgrades at its "
        "start; or stop the server and try again"};
  }
  if (Status status = CheckRoom(*outlook); !status.ok()) return status;
  const BackupKeys keys = LoadBackupKeys(folder.settings);
  if (Status status = EnterDataFolder(folder); !status.ok()) return status;
  const auto server = StoppedServer::Take(folder.settings);
  if (!server.ok()) return server.error();
  if (Status status = Migrate(path, keys); !status.ok()) return status;
  output.Done("the database went from schema " + std::to_string(outlook->plan.current) + " to " +
                  std::to_string(outlook->plan.newest) + "; as it was before it is " +
                  store::SnapshotPath(path, outlook->plan.current) +
                  "\n`latchkey upgrade --rollback` puts that back",
              before);
  return {};
}

Result<std::string> NewestSnapshot(const std::string& database_path) {
  auto database = store::Database::OpenForReading({.path = database_path});
  if (!database.ok()) return database.error();
  const auto schema = database->QueryInteger("PRAGMA user_version");
  if (!schema.ok()) return schema.error();
  if (const auto former = store::FindSnapshot(database_path, *schema)) {
    return store::SnapshotPath(database_path, *former);
  }
  return Status(Code::kNotFound, "there is no snapshot of an upgrade to schema " +
                                     std::to_string(*schema) + " beside " + database_path);
}

// Snapshot and database lie in one folder: who may change the one may change the other, so that a
// snapshot without a MAC is as good as the database was. A wrong MAC is damage.
Status CheckSnapshot(const std::string& snapshot, const BackupKeys& keys, bool* is_authenticated) {
  const auto found = AuthenticateFile(keys, snapshot);
  if (!found.ok()) return found.error();
  *is_authenticated = *found == Authenticity::kGood;
  return *found == Authenticity::kWrong ? StatusOf(*found, keys, snapshot) : Status();
}

Status Back(const DataFolder& folder, const Output& output) {
  const BackupKeys keys = LoadBackupKeys(folder.settings);
  if (Status status = EnterDataFolder(folder); !status.ok()) return status;
  const std::string path = folder.settings.DatabasePath();
  const auto server = StoppedServer::Take(folder.settings);
  if (!server.ok()) return server.error();
  const auto snapshot = NewestSnapshot(path);
  if (!snapshot.ok()) return snapshot.error();
  const auto facts = store::CheckBackup(*snapshot);
  if (!facts.ok()) return facts.error();
  bool is_authenticated = false;
  if (Status status = CheckSnapshot(*snapshot, keys, &is_authenticated); !status.ok())
    return status;
  const auto former = server->PutInPlace(*snapshot, "before-rollback");
  if (!former.ok()) return former.error();
  Status marked = crypto::RemoveMac(*snapshot);
  if (marked.ok()) marked = MarkPutAside(keys, *former);
  JsonObject object = FactsJson(path, *facts);
  object.push_back({"authenticated", is_authenticated});
  object.push_back({"former", *former});
  output.Done(FactsText(path, *facts) + "\nWhat was written since the upgrade is in " + *former +
                  " alone.\nInstall the former version before you start the server: this one would "
                  "upgrade again.",
              object);
  return marked;
}

Status Upgrade(const Args& args, Context& context) {
  const auto folder = FindDataFolder(context);
  if (!folder.ok()) return folder.error();
  if (Status status = base::ActAsOwner(folder->settings.data_dir); !status.ok()) return status;
  const Output output(context.output);
  if (args.Has("--check")) return Check(folder->settings, output);
  return args.Has("--rollback") ? Back(*folder, output) : Forward(*folder, output);
}

}  // namespace

void RegisterUpgrade(CLI::App& app, Context& context) {
  CLI::App& command = AddCommand(
      app, context,
      {"upgrade",
       "bring the database to this version's schema (the writer does it at its start too)",
       "latchkey upgrade --check         # what would be done, and the room it takes\n"
       "latchkey upgrade                 # while the server is stopped\n"
       "latchkey upgrade --rollback      # back to the snapshot that was taken before"},
      &Upgrade);
  AddFlag(command, "--check", "change nothing; exit code 4: a newer schema; 5: no room");
  AddFlag(
      command, "--rollback",
      "put back the database as it was before the last upgrade; the present one is kept beside it");
  AddExclusion(command, "--check", "--rollback");
}

}  // namespace ctl
