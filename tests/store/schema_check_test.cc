#include "store/schema_check.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "store/backup/backup_check.h"
#include "store/backup/online_backup.h"
#include "store/backup/upgrade.h"
#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

using store::Database;

// ---- what somebody may have put into the file ----

struct Change {
  const char* name;
  const char* sql;
  const char* words;  // of the refusal
};

const Change kChanges[] = {
    {"Trigger",
     "CREATE TRIGGER t AFTER INSERT ON sessions BEGIN INSERT OR IGNORE INTO memberships VALUES "
     "(new.user_id, x'01000000000070008000000000000001', 0, 0, x''); END",
     "trigger \"t\" on sessions is not Latchkey's"},
    {"TriggerOnTheAuditLog",
     "CREATE TRIGGER quiet BEFORE INSERT ON audit_events BEGIN SELECT RAISE(IGNORE); END",
     "trigger \"quiet\""},
    {"View", "CREATE VIEW v AS SELECT * FROM users", "view \"v\" is not Latchkey's"},
    {"ViewInATablesPlace",
     "ALTER TABLE probes RENAME TO old; CREATE VIEW probes AS SELECT * FROM old",
     "is not Latchkey's"},
    {"InsteadOfTrigger",
     "CREATE VIEW v AS SELECT 1 AS x; CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN SELECT 1; END",
     "is not Latchkey's"},
    {"Table", "CREATE TABLE extra (x)", "table \"extra\" is not Latchkey's"},
    {"VirtualTable", "CREATE VIRTUAL TABLE f USING fts5(x)", "is not Latchkey's"},
    {"Index", "CREATE INDEX slow ON users (status)", "index \"slow\" on users"},
    {"ExpressionIndex", "CREATE INDEX e ON users (lower(email))", "index \"e\" on users"},
    {"PartialUniqueIndex", "CREATE UNIQUE INDEX p ON users (email) WHERE status = 0",
     "index \"p\" on users"},
    {"Statistics", "ANALYZE", "sqlite_stat1"},
    {"AutoIncrement", "CREATE TABLE a (i INTEGER PRIMARY KEY AUTOINCREMENT)", "is not Latchkey's"},
    {"MissingIndex", "DROP INDEX grants_by_user", "index \"grants_by_user\" on grants"},
    {"MissingTable", "DROP TABLE probes", "table \"probes\" is missing"},
    {"OtherIndex",
     "DROP INDEX signing_keys_current;"
     "CREATE INDEX signing_keys_current ON signing_keys (organization_id, algorithm)",
     "index \"signing_keys_current\" on signing_keys is defined in another way"},
    {"ColumnMore", "ALTER TABLE users ADD COLUMN note TEXT", "table \"users\" is defined"},
    {"ColumnWithDefault", "ALTER TABLE memberships ADD COLUMN x INTEGER NOT NULL DEFAULT 7",
     "table \"memberships\" is defined"},
    {"GeneratedColumn", "ALTER TABLE users ADD COLUMN g TEXT AS (lower(email))",
     "table \"users\" is defined"},
    {"ColumnLess", "ALTER TABLE users DROP COLUMN updated_at", "table \"users\" is defined"},
    {"OtherCheck",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (id = 1)', "
     "'CHECK (id > 0)') WHERE name = 'writer_starts'",
     "table \"writer_starts\" is defined"},
    {"OtherType",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'role              "
     "INTEGER', 'role ANY') WHERE name = 'memberships'",
     "table \"memberships\" is defined"},
    {"NoStrictTable",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT, ', '') "
     "WHERE name = 'users'",
     "table \"users\" is defined"},
    {"OtherPartOfAnIndex",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'WHERE state = 1', "
     "'WHERE state = 2') WHERE name = 'signing_keys_current'",
     "index \"signing_keys_current\""},
};

void Spoil(const std::string& path, const char* sql) {
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &file), SQLITE_OK);
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(file, sql, nullptr, nullptr, &error), SQLITE_OK) << sql << ": " << error;
  sqlite3_free(error);
  sqlite3_close(file);
}

class ForeignSchemaTest : public SqliteFixture, public ::testing::WithParamInterface<Change> {
 protected:
  void SetUp() override {
    OpenWriterWithTenant();
    ASSERT_TRUE(writer->CloseCleanly().ok());
    writer.reset();
    Spoil(folder.Database(), GetParam().sql);
  }
  void ExpectRefused(const base::Status& status) const {
    EXPECT_EQ(status.code(), Code::kCorrupt) << status.ToString();
    EXPECT_NE(status.message().find(GetParam().words), std::string::npos) << status.message();
    EXPECT_NE(status.message().find("latchkey verify"), std::string::npos) << status.message();
    // Whoever put something beside all of ours was no build of Latchkey.
    const std::string words = GetParam().words;
    const bool has_builds_advice =
        status.message().find("an unreleased build made it") != std::string::npos;
    if (words.ends_with("is missing") || words.ends_with("is defined")) {
      EXPECT_TRUE(has_builds_advice) << status.message();
    }
    if (words.starts_with("trigger")) {
      EXPECT_FALSE(has_builds_advice) << status.message();
    }
  }
};

TEST_P(ForeignSchemaTest, IsRefusedByTheWriterAndNamed) {
  ExpectRefused(store::WriterStore::Open(Options(), clock).status());
}

TEST_P(ForeignSchemaTest, IsRefusedBeforeAnUpgradeAsWell) {
  const auto built_in = store::BuiltInMigrations();
  std::vector<store::Migration> migrations(built_in.begin(), built_in.end());
  migrations.push_back({migrations.back().version + 1, "CREATE TABLE added (x INTEGER) STRICT;"});
  auto options = Options();
  options.migrations = migrations;
  ExpectRefused(store::WriterStore::Open(options, clock).status());
  EXPECT_FALSE(
      std::filesystem::exists(store::SnapshotPath(folder.Database(), built_in.back().version)));
}

TEST_P(ForeignSchemaTest, IsRefusedByDoctorAndInABackup) {
  ExpectRefused(store::CheckSchemaOf(folder.Database()));
  const std::string path = folder.path() + "/backup";
  auto source = Database::OpenForReading({.path = folder.Database()});
  ASSERT_TRUE(source.ok());
  auto backup = store::OnlineBackup::Begin(*source, path);
  ASSERT_TRUE(backup.ok());
  ASSERT_TRUE((*backup)->Step(100'000)->is_done);
  ExpectRefused(store::CheckBackup(path).status());
}

INSTANTIATE_TEST_SUITE_P(All, ForeignSchemaTest, ::testing::ValuesIn(kChanges),
                         [](const auto& instance) { return std::string(instance.param.name); });

// ---- what is taken ----

class SchemaCheckTest : public SqliteFixture {
 protected:
  base::Status Check(const std::string& path) const { return store::CheckSchemaOf(path); }
};

TEST_F(SchemaCheckTest, TakesWhatItMade) {
  OpenWriterWithTenant();
  EXPECT_TRUE(Check(folder.Database()).ok()) << Check(folder.Database()).ToString();
}

TEST_F(SchemaCheckTest, ComparesAnOlderOneWithWhatItsOwnMigrationsMake) {
  const auto built_in = store::BuiltInMigrations();
  std::vector<store::Migration> migrations(built_in.begin(), built_in.end());
  const std::int64_t newest = built_in.back().version;
  migrations.push_back({newest + 1, "CREATE TABLE added (x INTEGER) STRICT;"});
  auto database = Database::OpenForWriting({.path = folder.Database()});
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE(store::Migrate(*database, built_in).ok());
  EXPECT_TRUE(store::CheckSchema(*database, "x", migrations).ok());
  // That of a newer version is one too many in it.
  ASSERT_TRUE(database->Execute("CREATE TABLE added (x INTEGER) STRICT").ok());
  EXPECT_EQ(store::CheckSchema(*database, "x", migrations).code(), Code::kCorrupt);
  // A version that the file only claims is found.
  ASSERT_TRUE(
      database->Execute(("PRAGMA user_version=" + std::to_string(newest + 1)).c_str()).ok());
  EXPECT_TRUE(store::CheckSchema(*database, "x", migrations).ok());
  ASSERT_TRUE(database->Execute("DROP TABLE added").ok());
  EXPECT_EQ(store::CheckSchema(*database, "x", migrations).code(), Code::kCorrupt);
  ASSERT_TRUE(database->Execute("PRAGMA user_version=999").ok());
  EXPECT_EQ(store::CheckSchema(*database, "x", migrations).code(), Code::kInvalid);
}

TEST_F(SchemaCheckTest, ANameThatIsNoTextForATerminalIsNotPrinted) {
  OpenWriterWithTenant();
  writer.reset();
  Spoil(folder.Database(), "CREATE TABLE \"a\x1b[2Jb\nc\" (x)");
  const std::string message = Check(folder.Database()).message();
  EXPECT_NE(message.find("\"a?[2Jb?c\""), std::string::npos) << message;
  EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](char c) { return c >= ' '; }));
}

TEST_F(SchemaCheckTest, TextInAnotherEncodingIsRefused) {
  Spoil(folder.Database(),
        "PRAGMA encoding='UTF-16le'; CREATE TABLE x (y); DROP TABLE x;"
        "PRAGMA application_id=0x4c4b6579;");
  const base::Status status = store::WriterStore::Open(Options(), clock).status();
  EXPECT_NE(status.message().find("UTF-8"), std::string::npos) << status.message();
}

TEST(NormalizeSql, LeavesOutCommentsAndBlanksAndNothingElse) {
  const std::string plain = "CREATE TABLE t (a TEXT)";
  EXPECT_EQ(store::NormalizeSql("CREATE  TABLE\n\tt -- why\n (a/* what */TEXT)"), plain);
  EXPECT_EQ(store::NormalizeSql("CREATE TABLE t (a TEXT) -- open"), plain);
  EXPECT_EQ(store::NormalizeSql("CREATE TABLE t (a TEXT) /* open"), plain);
  // What stands in quotes counts, a comment's beginning too.
  for (const char* quoted : {"'a  -- b'", "\"a  /* b\"", "`a  b`", "[a  --b]", "'it''s  so'"}) {
    EXPECT_EQ(store::NormalizeSql(quoted), quoted);
  }
  EXPECT_NE(store::NormalizeSql("a b"), store::NormalizeSql("ab"));
  EXPECT_NE(store::NormalizeSql("A"), store::NormalizeSql("a"));
}

// ---- what is put in while a server runs ----

class LiveTriggerTest : public SqliteFixture {};

TEST_F(LiveTriggerTest, NoConnectionOfTheServerRunsIt) {
  OpenWriterWithTenant();
  Spoil(
      folder.Database(),
      "CREATE TABLE hits (x); CREATE TRIGGER t AFTER INSERT ON device_codes BEGIN INSERT INTO hits "
      "VALUES (1); END; CREATE VIEW v AS SELECT 1 AS x;");
  ASSERT_EQ(Try(s.DeviceCode(tenant)), Code::kOk);
  EXPECT_EQ(Count("device_codes"), 1);
  EXPECT_EQ(Count("hits"), 0);
  EXPECT_FALSE(writer->database().QueryInteger("SELECT x FROM v").ok());
  auto reader = Database::OpenForReading({.path = folder.Database()});
  ASSERT_TRUE(reader.ok());
  EXPECT_FALSE(reader->QueryInteger("SELECT x FROM v").ok());
}

TEST_F(LiveTriggerTest, NoConnectionWritesTheSchemaAsATable) {
  OpenWriterWithTenant();
  static_cast<void>(writer->database().Execute("PRAGMA writable_schema=ON"));
  EXPECT_FALSE(writer->database().Execute("DELETE FROM sqlite_schema").ok());
}

}  // namespace
}  // namespace store_test
