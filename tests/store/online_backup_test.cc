#include "store/backup/online_backup.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "store/admin_reader.h"
#include "store/backup/backup_check.h"
#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

using store::OnlineBackup;

class OnlineBackupTest : public SqliteFixture {
 protected:
  std::string CopyPath() const { return folder.path() + "/copy"; }

  std::unique_ptr<OnlineBackup> Begin() {
    auto backup = OnlineBackup::Begin(writer->database(), CopyPath());
    EXPECT_TRUE(backup.ok()) << backup.status().ToString();
    return std::move(*backup);
  }
  // Steps of so many pages to its end; gives the number of steps, 0 after an error.
  int Finish(OnlineBackup& backup, int pages) {
    for (int steps = 1; steps < 100'000; ++steps) {
      const auto progress = backup.Step(pages);
      EXPECT_TRUE(progress.ok()) << progress.status().ToString();
      if (!progress.ok()) return 0;
      if (progress->is_done) return steps;
    }
    return 0;
  }
  std::vector<records::Write> DeviceCodes(int count) {
    std::vector<records::Write> writes;
    for (int i = 0; i < count; ++i) writes.emplace_back(s.DeviceCode(tenant));
    return writes;
  }
  std::int64_t RowsInCopy(const std::string& table) {
    auto copy = store::Database::OpenForReading({.path = CopyPath()});
    EXPECT_TRUE(copy.ok());
    return *copy->QueryInteger(("SELECT count(*) FROM " + table).c_str());
  }
};

TEST_F(OnlineBackupTest, CopiesAllOfItInSteps) {
  OpenWriterWithTenant();
  Batch(DeviceCodes(2000));
  auto backup = Begin();
  EXPECT_GT(Finish(*backup, 8), 10);
  backup.reset();
  const auto facts = store::CheckBackup(CopyPath());
  ASSERT_TRUE(facts.ok()) << facts.status().ToString();
  EXPECT_EQ(facts->organizations, Count("organizations"));
  EXPECT_EQ(RowsInCopy("device_codes"), 2000);
}

TEST_F(OnlineBackupTest, StandsAloneAndIsForItsOwnerAlone) {
  OpenWriterWithTenant();
  auto backup = Begin();
  ASSERT_GT(Finish(*backup, 100), 0);
  struct stat file {};
  ASSERT_EQ(::stat(CopyPath().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  writer.reset();
  std::filesystem::remove(folder.Database());
  ASSERT_TRUE(store::CheckBackup(CopyPath()).ok());
  for (const char* suffix : {"-wal", "-shm", "-journal"}) {
    EXPECT_FALSE(std::filesystem::exists(CopyPath() + suffix)) << suffix;
  }
}

TEST_F(OnlineBackupTest, HoldsWhatWasCommittedWhileItWasMade) {
  auto options = Options();
  options.checkpoints.passive_frames = 50;
  options.checkpoints.restart_frames = 100;
  OpenWriterWithTenant();
  OpenWriter(options);
  Batch(DeviceCodes(2000));
  auto backup = Begin();
  std::int64_t copied = 0;
  int steps = 0;
  for (bool is_done = false; !is_done; ++steps) {
    const auto progress = backup->Step(2);
    ASSERT_TRUE(progress.ok()) << progress.status().ToString();
    EXPECT_GE(progress->copied_pages, copied) << "commits of its own connection start nothing anew";
    copied = progress->copied_pages;
    is_done = progress->is_done;
    // Old pages and new ones change, and the checkpointer empties the WAL now and then.
    if (steps < 40) {
      for (const WriteResult& result : Batch(DeviceCodes(50))) ASSERT_EQ(result.code, Code::kOk);
      ASSERT_TRUE(writer->checkpointer().RunIfDue().ok());
    }
  }
  ASSERT_GE(steps, 40);
  EXPECT_GT(writer->checkpointer().counters().restart, 0U) << "else this test tests little";
  ASSERT_TRUE(store::CheckBackup(CopyPath()).ok());
  EXPECT_EQ(RowsInCopy("device_codes"), Count("device_codes"));
  EXPECT_EQ(RowsInCopy("live_user_codes"), Count("live_user_codes"));
}

TEST_F(OnlineBackupTest, StartsAnewAfterARollbackAndGivesUpAfterMany) {
  OpenWriterWithTenant();
  Batch(DeviceCodes(2000));
  const auto roll_back = [&] {
    ASSERT_TRUE(writer->database().Execute("BEGIN; DELETE FROM device_codes; ROLLBACK;").ok());
  };
  auto backup = Begin();
  ASSERT_TRUE(backup->Step(20).ok());
  roll_back();
  ASSERT_GT(Finish(*backup, 20), 0);
  ASSERT_TRUE(store::CheckBackup(CopyPath()).ok());
  EXPECT_EQ(RowsInCopy("device_codes"), 2000);

  backup = Begin();
  base::Status end;
  for (int i = 0; i < 100 && end.ok(); ++i) {
    end = backup->Step(i % 2 == 0 ? 20 : 1).status();
    roll_back();
  }
  EXPECT_EQ(end.code(), Code::kUnavailable);
  EXPECT_NE(end.message().find("start again"), std::string::npos) << end.message();
}

TEST_F(OnlineBackupTest, KeepsTheLogShort) {
  OpenWriterWithTenant();
  Batch(DeviceCodes(2000));
  auto backup = Begin();
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(backup->Step(1).ok());
    Batch(DeviceCodes(50));
    ASSERT_TRUE(writer->checkpointer().RunIfDue().ok());
  }
  EXPECT_LT(writer->checkpointer().counters().longest_frames, 2000);
}

TEST_F(OnlineBackupTest, OneThatIsNotFinishedLeavesNothing) {
  OpenWriterWithTenant();
  Batch(DeviceCodes(2000));
  {
    auto backup = Begin();
    ASSERT_TRUE(backup->Step(5).ok());
    ASSERT_TRUE(std::filesystem::exists(CopyPath()));
  }
  EXPECT_FALSE(std::filesystem::exists(CopyPath()));
  EXPECT_EQ(IntegrityCheck(), "ok");
}

TEST_F(OnlineBackupTest, CannotBeginWhereNothingCanBeMade) {
  OpenWriter();
  const auto nowhere = OnlineBackup::Begin(writer->database(), folder.path() + "/nowhere/copy");
  EXPECT_EQ(nowhere.status().code(), Code::kNotFound);
  EXPECT_NE(nowhere.status().message().find("nowhere"), std::string::npos);
}

// A small file system of its own, for as long as it lives.
class SmallDisk {
 public:
  SmallDisk(std::string path, const std::string& size) : path_(std::move(path)) {
    std::filesystem::create_directory(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

TEST_F(OnlineBackupTest, LeavesADiskItsReserve) {
  OpenWriterWithTenant();
  Batch(DeviceCodes(2000));
  const std::string path = folder.path() + "/small";
  const SmallDisk disk(path, "65m");
  if (!disk.mounted()) GTEST_SKIP() << "mounting takes root";
  // Room for the reserve and the copy as it is now, not for what it grows to.
  auto backup = OnlineBackup::Begin(writer->database(), path + "/copy");
  ASSERT_TRUE(backup.ok()) << backup.status().ToString();
  base::Status end;
  for (int i = 0; i < 200 && end.ok(); ++i) {
    Batch(DeviceCodes(100));
    end = (*backup)->Step(1).status();
  }
  EXPECT_EQ(end.code(), Code::kFull);
  EXPECT_NE(end.message().find("no room"), std::string::npos) << end.message();
  backup->reset();
  EXPECT_TRUE(std::filesystem::is_empty(path));
  EXPECT_EQ(OnlineBackup::Begin(writer->database(), path + "/copy").status().code(), Code::kFull);
  EXPECT_EQ(Try(s.DeviceCode(tenant)), Code::kOk) << "the database is as it was";
}

}  // namespace
}  // namespace store_test
