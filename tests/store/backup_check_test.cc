#include "store/backup/backup_check.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "store/backup/online_backup.h"
#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

class BackupCheckTest : public SqliteFixture {
 protected:
  // A sound backup with a tenant in it.
  void SetUp() override {
    OpenWriterWithTenant();
    std::vector<records::Write> codes;
    for (int i = 0; i < 500; ++i) codes.emplace_back(s.DeviceCode(tenant));
    codes.emplace_back(
        s.SigningKey(tenant.organization.row.id, "kid-1", records::SigningKeyState::kCurrent));
    Batch(codes);
    auto backup = store::OnlineBackup::Begin(writer->database(), path);
    ASSERT_TRUE(backup.ok());
    ASSERT_TRUE((*backup)->Step(100'000)->is_done);
  }
  void Change(std::streamoff offset, const std::string& bytes) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(offset);
    file << bytes;
  }
  base::Status Check() const { return store::CheckBackup(path).status(); }
  void ExpectRefused(Code code, const std::string& words) const {
    const base::Status status = Check();
    EXPECT_EQ(status.code(), code);
    EXPECT_NE(status.message().find(words), std::string::npos) << status.message();
  }

  std::string path = folder.path() + "/backup";
};

TEST_F(BackupCheckTest, SaysWhatASoundOneHolds) {
  const auto facts = store::CheckBackup(path);
  ASSERT_TRUE(facts.ok()) << facts.status().ToString();
  EXPECT_EQ(facts->schema, store::BuiltInMigrations().back().version);
  EXPECT_EQ(facts->organizations, 2);
  EXPECT_EQ(facts->users, Count("users"));
  EXPECT_EQ(static_cast<std::uintmax_t>(facts->bytes), std::filesystem::file_size(path));
}

TEST_F(BackupCheckTest, MakesNothingBesideIt) {
  ASSERT_TRUE(Check().ok());
  for (const char* suffix : {"-wal", "-shm", "-journal"}) {
    EXPECT_FALSE(std::filesystem::exists(path + suffix));
  }
}

TEST_F(BackupCheckTest, FindsADamagedPage) {
  Change(5 * store::kPageSizeBytes, std::string(2000, 'x'));
  ExpectRefused(Code::kCorrupt, "damaged");
}

TEST_F(BackupCheckTest, FindsOneThatIsCutOff) {
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  ExpectRefused(Code::kCorrupt, "cut off");
  std::filesystem::resize_file(path, 50);
  ExpectRefused(Code::kCorrupt, "too short");
}

TEST_F(BackupCheckTest, RefusesWhatIsNoBackup) {
  Change(0, "tarball");
  ExpectRefused(Code::kCorrupt, "not an SQLite file");
}

TEST_F(BackupCheckTest, RefusesAnotherApplicationsFile) {
  Change(68, "ABCD");
  ExpectRefused(Code::kCorrupt, "another application");
}

TEST_F(BackupCheckTest, RefusesACopyOfALiveFile) {
  std::filesystem::copy_file(folder.Database(), path,
                             std::filesystem::copy_options::overwrite_existing);
  ExpectRefused(Code::kCorrupt, "without its WAL");
}

TEST_F(BackupCheckTest, RefusesANewerSchemaAndSaysWhatToDo) {
  Change(60, std::string("\0\0\3\xe7", 4));
  ExpectRefused(Code::kInvalid, "schema 999");
  ExpectRefused(Code::kInvalid, "use the newer version");
  Change(60, std::string(4, '\0'));
  ExpectRefused(Code::kCorrupt, "no schema");
}

TEST_F(BackupCheckTest, RefusesFoldersAndMissingFiles) {
  EXPECT_EQ(store::CheckBackup(folder.path()).status().code(), Code::kInvalid);
  EXPECT_EQ(store::CheckBackup(folder.path() + "/nothing").status().code(), Code::kNotFound);
}

TEST_F(BackupCheckTest, ListsTheWrappedKeys) {
  const auto keys = store::ListWrappedKeys(path);
  ASSERT_TRUE(keys.ok()) << keys.status().ToString();
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->front().kid, "kid-1");
  EXPECT_FALSE(keys->front().wrapped_private_key.empty());
}

}  // namespace
}  // namespace store_test
