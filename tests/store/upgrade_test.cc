#include "store/backup/upgrade.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "store/admin_reader.h"
#include "store/backup/backup_check.h"
#include "store/backup/stand_alone.h"
#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

using store::Database;
using store::Migration;

// ---- the way of an upgrade, by migrations of the test's own ----

class UpgradeTest : public SqliteFixture {
 protected:
  void SetUp() override {
    OpenWriterWithTenant();
    newest = *writer->database().QueryInteger("PRAGMA user_version");
  }
  // Those of the build and these behind them, numbered on.
  std::vector<Migration> Followed(const std::vector<std::string_view>& by) const {
    const auto built_in = store::BuiltInMigrations();
    std::vector<Migration> all(built_in.begin(), built_in.end());
    for (const std::string_view sql : by) all.push_back({all.back().version + 1, sql});
    return all;
  }
  base::Status Open(const std::vector<Migration>& migrations) {
    writer.reset();
    auto options = Options();
    options.migrations = migrations;
    auto opened = store::WriterStore::Open(options, clock);
    if (opened.ok()) writer = std::move(*opened);
    return opened.status();
  }
  std::string Snapshot() const { return store::SnapshotPath(folder.Database(), newest); }
  std::int64_t SchemaOf(const std::string& path) const { return store::CheckBackup(path)->schema; }

  std::int64_t newest = 0;
};

TEST_F(UpgradeTest, ASnapshotOfTheFormerSchemaIsTakenFirst) {
  const auto code = s.DeviceCode(tenant);
  ASSERT_EQ(Try(code), Code::kOk);
  ASSERT_TRUE(Open(Followed({"CREATE TABLE added (x INTEGER) STRICT;"})).ok());
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA user_version"), newest + 1);
  EXPECT_EQ(Count("added"), 0);
  EXPECT_EQ(Count("device_codes"), 1);
  EXPECT_EQ(IntegrityCheck(), "ok");
  EXPECT_EQ(SchemaOf(Snapshot()), newest);
  EXPECT_EQ(store::FindSnapshot(folder.Database(), newest + 1), newest);
  EXPECT_FALSE(std::filesystem::exists(Snapshot() + ".partial"));
}

TEST_F(UpgradeTest, TheSnapshotServesAsTheDatabaseAgain) {
  const auto code = s.DeviceCode(tenant);
  ASSERT_EQ(Try(code), Code::kOk);
  ASSERT_TRUE(Open(Followed({"DROP TABLE device_codes;"})).ok());
  writer.reset();
  ASSERT_TRUE(store::MakeStandAlone(folder.Database()).ok());
  std::filesystem::rename(Snapshot(), folder.Database());
  OpenWriter();
  EXPECT_TRUE(NewReader()->FindLiveUserCode(code.user_code).ok());
  EXPECT_EQ(Try(s.DeviceCode(tenant)), Code::kOk);
}

TEST_F(UpgradeTest, TheSnapshotIsMarkedOnceItHasItsName) {
  std::vector<std::string> marked;
  writer.reset();
  auto options = Options();
  const auto migrations = Followed({"CREATE TABLE added (x);"});
  options.migrations = migrations;
  options.mark_snapshot = [&](const std::string& path) {
    EXPECT_TRUE(std::filesystem::exists(path));
    marked.push_back(path);
    return base::Status();
  };
  auto opened = store::WriterStore::Open(options, clock);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  EXPECT_EQ(marked, std::vector<std::string>{Snapshot()});
}

TEST_F(UpgradeTest, ASnapshotThatCannotBeMarkedStopsTheUpgrade) {
  writer.reset();
  auto options = Options();
  const auto migrations = Followed({"CREATE TABLE added (x);"});
  options.migrations = migrations;
  options.mark_snapshot = [](const std::string&) { return base::Status(Code::kFull, "no room"); };
  const auto status = store::WriterStore::Open(options, clock).status();
  EXPECT_EQ(status.code(), Code::kFull);
  EXPECT_NE(status.message().find("no snapshot before the upgrade"), std::string::npos);
}

TEST_F(UpgradeTest, WithNothingPendingThereIsNoSnapshot) {
  ASSERT_TRUE(Open(Followed({})).ok());
  EXPECT_FALSE(std::filesystem::exists(Snapshot()));
  EXPECT_EQ(store::FindSnapshot(folder.Database(), newest), std::nullopt);
}

TEST_F(UpgradeTest, ANewFileNeedsNone) {
  writer.reset();
  std::filesystem::remove_all(folder.path());
  std::filesystem::create_directory(folder.path());
  OpenWriter();
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(entry.path().string().find(".schema-"), std::string::npos) << entry.path();
  }
}

TEST_F(UpgradeTest, OneThatFailsHalfWayLeavesAllOfTheFormerSchema) {
  ASSERT_EQ(Try(s.DeviceCode(tenant)), Code::kOk);
  const auto broken = Followed({"CREATE TABLE first (x); DELETE FROM device_codes;",
                                "CREATE TABLE second (x); INSERT INTO no_such_table VALUES (1);",
                                "CREATE TABLE third (x);"});
  const base::Status status = Open(broken);
  EXPECT_FALSE(status.ok());
  for (const std::string& word :
       {"migration " + std::to_string(newest + 2) + " failed", std::string("no_such_table"),
        "still has schema " + std::to_string(newest), std::string("the former version serves")}) {
    EXPECT_NE(status.message().find(word), std::string::npos) << status.message();
  }
  OpenWriter();
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA user_version"), newest);
  EXPECT_FALSE(writer->database().QueryInteger("SELECT count(*) FROM first").ok());
  EXPECT_EQ(Count("device_codes"), 1) << "what an earlier one changed is as it was";
  EXPECT_EQ(IntegrityCheck(), "ok");
}

TEST_F(UpgradeTest, ALaterTryReplacesTheSnapshot) {
  ASSERT_FALSE(Open(Followed({"INSERT INTO no_such_table VALUES (1);"})).ok());
  ASSERT_TRUE(std::filesystem::exists(Snapshot()));
  OpenWriter();
  ASSERT_EQ(Try(s.DeviceCode(tenant)), Code::kOk);
  ASSERT_TRUE(Open(Followed({"CREATE TABLE added (x);"})).ok());
  auto snapshot = Database::OpenForReading({.path = Snapshot()});
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(*snapshot->QueryInteger("SELECT count(*) FROM device_codes"), 1);
}

TEST_F(UpgradeTest, AKillAtAnyPointOfItIsRepairedByTheNextStart) {
  // What a kill in the middle of the snapshot leaves.
  std::ofstream(Snapshot() + ".partial") << "half a page";
  ASSERT_TRUE(Open(Followed({"CREATE TABLE added (x);"})).ok());
  EXPECT_EQ(SchemaOf(Snapshot()), newest);
  EXPECT_FALSE(std::filesystem::exists(Snapshot() + ".partial"));
}

TEST_F(UpgradeTest, WithoutASnapshotNothingIsUpgraded) {
  // A folder in its place: it can be neither removed nor replaced.
  std::filesystem::create_directories(Snapshot() + ".partial/in-the-way");
  const base::Status status = Open(Followed({"CREATE TABLE added (x);"}));
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("no snapshot before the upgrade"), std::string::npos)
      << status.message();
  OpenWriter();
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA user_version"), newest);
}

TEST_F(UpgradeTest, APlanNamesWhatIsPending) {
  const auto migrations = Followed({"CREATE TABLE first (x);", "CREATE TABLE second (x);"});
  const auto plan = store::PlanMigrations(writer->database(), migrations);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->current, newest);
  EXPECT_EQ(plan->newest, newest + 2);
  ASSERT_EQ(plan->pending.size(), 2U);
  EXPECT_EQ(plan->pending.front().version, newest + 1);
  EXPECT_EQ(store::BuiltInMigrations().front().name, "0001_initial.sql");
}

TEST_F(UpgradeTest, ADatabaseInUseIsNotMadeToStandAlone) {
  const auto reader = store::SqliteAdminReader::Open(folder.Database());
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE((*reader)->ListOrganizations({}).ok());
  writer.reset();
  EXPECT_EQ(store::MakeStandAlone(folder.Database()).code(), Code::kUnavailable);
}

// ---- from every released schema ----

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::string> ReleasedSchemas() {
  std::vector<std::string> found;
  const std::string folder = LATCHKEY_SOURCE_DIR "/tests/store/schemas";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".sql") found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

class ReleasedSchemaTest : public SqliteFixture, public ::testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    auto database = Database::OpenForWriting({.path = folder.Database()});
    ASSERT_TRUE(database.ok());
    const auto done = database->Execute(ReadAll(GetParam()).c_str());
    ASSERT_TRUE(done.ok()) << done.ToString();
    schema = *database->QueryInteger("PRAGMA user_version");
  }

  std::int64_t schema = 0;
};

// What a server of this build asks of its database, on one that an old version made.
TEST_P(ReleasedSchemaTest, IsUpgradedAndServes) {
  OpenWriter();
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA user_version"),
            store::BuiltInMigrations().back().version);
  EXPECT_EQ(IntegrityCheck(), "ok");
  const bool was_older = schema < store::BuiltInMigrations().back().version;
  EXPECT_EQ(std::filesystem::exists(store::SnapshotPath(folder.Database(), schema)), was_older);

  auto admin = store::SqliteAdminReader::Open(folder.Database());
  ASSERT_TRUE(admin.ok());
  const auto org = (*admin)->FindOrganizationBySlug("acme");
  ASSERT_TRUE(org.ok()) << org.status().ToString();
  const auto user = (*admin)->FindUserByEmail(org->id, "alice@acme.example");
  ASSERT_TRUE(user.ok()) << user.status().ToString();
  const auto service = (*admin)->FindServiceBySlug(org->id, "cli");
  ASSERT_TRUE(service.ok());
  EXPECT_TRUE((*admin)->FindPlanByName(org->id, service->service.id, "pro").ok());
  EXPECT_TRUE((*admin)->FindSubscription(org->id, user->id, service->service.id).ok());
  EXPECT_EQ((*admin)->ListSigningKeys(records::kPlatformOrganizationId)->size(), 2U);
  EXPECT_FALSE((*admin)->ListGrants(org->id, {})->empty());
  EXPECT_EQ((*admin)->ListMembers(records::kPlatformOrganizationId)->size(), 1U);
}

TEST_P(ReleasedSchemaTest, TakesNewRowsAfterIt) {
  OpenWriter();
  tenant = s.NewTenant("initech");
  for (const WriteResult& result : Batch(tenant.All())) ASSERT_EQ(result.code, Code::kOk);
  const auto code = s.DeviceCode(tenant);
  ASSERT_EQ(Try(code), Code::kOk);
  ASSERT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
  EXPECT_EQ(Try(s.Redemption(tenant, code)), Code::kOk);
  EXPECT_EQ(IntegrityCheck(), "ok");
}

// A schema that is changed after its release, or whose fixture was made by another build, is seen here.
TEST_P(ReleasedSchemaTest, IsWhatItsMigrationsMake) {
  TemporaryFolder fresh;
  auto made = Database::OpenForWriting({.path = fresh.Database()});
  ASSERT_TRUE(made.ok());
  const auto all = store::BuiltInMigrations();
  ASSERT_TRUE(store::Migrate(*made, all.first(static_cast<std::size_t>(schema))).ok());
  auto released = Database::OpenForReading({.path = folder.Database()});
  ASSERT_TRUE(released.ok());
  const auto schema_of = [](Database& database) {
    store::StatementCache statements(database);
    store::Query query(
        statements,
        "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql "
        "IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type, name)");
    EXPECT_TRUE(*query.Step());
    return query.Read<std::string>();
  };
  EXPECT_EQ(schema_of(*released), schema_of(*made));
}

TEST(ReleasedSchemas, EachHasItsFixtureButTheNewest) {
  const auto known = static_cast<std::size_t>(store::BuiltInMigrations().back().version);
  EXPECT_GE(ReleasedSchemas().size() + 1, known)
      << "make one with tests/store/schemas/dump when a schema is released";
  EXPECT_GE(ReleasedSchemas().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(All, ReleasedSchemaTest, ::testing::ValuesIn(ReleasedSchemas()),
                         [](const auto& instance) {
                           return "Schema" + std::filesystem::path(instance.param).stem().string();
                         });

}  // namespace
}  // namespace store_test
