#include "store/writer_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "store/apply/batch_applier.h"
#include "store/migrations.h"
#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

class WriterStoreTest : public SqliteFixture {
 protected:
  base::Status TryOpen() { return store::WriterStore::Open(Options(), clock).status(); }
  mode_t ModeOf(const std::string& suffix) {
    struct stat file {};
    EXPECT_EQ(::stat((folder.Database() + suffix).c_str(), &file), 0) << suffix;
    return file.st_mode & 0777;
  }
};

TEST_F(WriterStoreTest, EachStartHasAHigherGeneration) {
  std::uint64_t highest = 0;
  for (int start = 0; start < 3; ++start) {
    OpenWriter();
    EXPECT_GT(writer->generation(), highest);
    highest = writer->generation() + 5;  // as the loop raises the page's with each change
    if (start == 1) {
      EXPECT_TRUE(writer->CloseCleanly().ok());
    }
  }
}

TEST_F(WriterStoreTest, AStartIsAboveWhatReadersSawBeforeABackupWasPutBack) {
  auto options = Options();
  options.generation_floor = (std::uint64_t{41} << 32) + 17;
  OpenWriter(options);
  EXPECT_GT(writer->generation(), options.generation_floor);
  const std::uint64_t first = writer->generation();
  OpenWriter();
  EXPECT_GT(writer->generation(), first);
}

TEST_F(WriterStoreTest, KeepsWhatWasAcknowledgedAcrossACleanStop) {
  OpenWriterWithTenant();
  const auto code = s.DeviceCode(tenant);
  EXPECT_EQ(Try(code), Code::kOk);
  EXPECT_TRUE(writer->CloseCleanly().ok());
  OpenWriter();
  EXPECT_TRUE(NewReader()->FindLiveUserCode(code.user_code).ok());
}

TEST_F(WriterStoreTest, OpensItsFilesForTheirGroupAndNobodyElse) {
  OpenWriter();
  EXPECT_EQ(ModeOf(""), 0640U);
  EXPECT_EQ(ModeOf("-wal"), 0640U);
  EXPECT_EQ(ModeOf("-shm"), 0640U);
}

TEST_F(WriterStoreTest, WritesEveryCommitToTheDisk) {
  OpenWriter();
  constexpr std::int64_t kFull = 2;
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA synchronous"), kFull);
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA wal_autocheckpoint"), 0);
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA application_id"), store::kApplicationId);
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA page_size"), store::kPageSizeBytes);
}

TEST_F(WriterStoreTest, RefusesANewerSchemaAndSaysWhatToDo) {
  OpenWriter();
  ASSERT_TRUE(writer->database().Execute("PRAGMA user_version=999").ok());
  writer.reset();
  const base::Status status = TryOpen();
  EXPECT_EQ(status.code(), Code::kInvalid);
  EXPECT_NE(status.message().find("schema 999"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("start the newer version"), std::string::npos);
}

// SQLite would take the empty file for a new database and delete the log.
TEST_F(WriterStoreTest, ALogWhoseDatabaseIsGoneIsNotThrownAway) {
  OpenWriterWithTenant();
  const auto code = s.DeviceCode(tenant);
  EXPECT_EQ(Try(code), Code::kOk);
  const std::string log = folder.Database() + "-wal";
  const std::string kept = folder.Database() + ".kept";
  std::filesystem::copy_file(folder.Database(), kept);
  std::filesystem::copy_file(log, kept + "-wal");
  writer.reset();
  for (const bool is_empty : {true, false}) {
    std::filesystem::remove(folder.Database());
    if (is_empty) std::ofstream(folder.Database()).flush();
    std::filesystem::copy_file(kept + "-wal", log,
                               std::filesystem::copy_options::overwrite_existing);
    const base::Status status = TryOpen();
    EXPECT_EQ(status.code(), Code::kCorrupt);
    EXPECT_NE(status.message().find("put it back"), std::string::npos) << status.message();
    EXPECT_EQ(std::filesystem::file_size(log), std::filesystem::file_size(kept + "-wal"));
  }
  std::filesystem::copy_file(kept, folder.Database());
  OpenWriter();
  EXPECT_TRUE(NewReader()->FindLiveUserCode(code.user_code).ok());
}

TEST_F(WriterStoreTest, ATableWhoseFirstPageIsGoneIsFoundAtStart) {
  OpenWriter();
  const auto root =
      writer->database().QueryInteger("SELECT rootpage FROM sqlite_schema WHERE name = 'grants'");
  ASSERT_TRUE(root.ok());
  ASSERT_TRUE(writer->CloseCleanly().ok());
  writer.reset();
  {
    std::fstream file(folder.Database(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((*root - 1) * store::kPageSizeBytes);
    file << std::string(static_cast<std::size_t>(store::kPageSizeBytes), '\xff');
  }
  EXPECT_EQ(TryOpen().code(), Code::kCorrupt);
}

TEST_F(WriterStoreTest, RefusesFilesThatAreNotItsOwn) {
  {
    std::ofstream file(folder.Database());
    for (int i = 0; i < 1000; ++i) file << "this is no database ";
  }
  EXPECT_EQ(TryOpen().code(), Code::kCorrupt);
  ASSERT_EQ(std::remove(folder.Database().c_str()), 0);
  {
    auto other = store::Database::OpenForWriting({.path = folder.Database()});
    ASSERT_TRUE(other.ok());
    ASSERT_TRUE(other->Execute("PRAGMA application_id=7; CREATE TABLE t (x);").ok());
  }
  EXPECT_EQ(TryOpen().code(), Code::kCorrupt);
}

TEST_F(WriterStoreTest, CannotOpenInAFolderThatIsNotThere) {
  auto options = Options();
  options.database.path = folder.path() + "/nowhere/latchkey.db";
  EXPECT_EQ(store::WriterStore::Open(options, clock).status().code(), Code::kUnavailable);
}

TEST_F(WriterStoreTest, AMigrationThatFailsLeavesTheFormerSchema) {
  OpenWriter();
  const auto version = *writer->database().QueryInteger("PRAGMA user_version");
  const store::Migration broken[] = {
      {version + 1, "CREATE TABLE half (x); INSERT INTO no_such_table VALUES (1);"}};
  EXPECT_FALSE(store::Migrate(writer->database(), broken).ok());
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA user_version"), version);
  EXPECT_FALSE(writer->database().QueryInteger("SELECT count(*) FROM half").ok());
  const store::Migration sound[] = {{version + 1, "CREATE TABLE whole (x);"}};
  EXPECT_TRUE(store::Migrate(writer->database(), sound).ok());
  EXPECT_EQ(*writer->database().QueryInteger("PRAGMA user_version"), version + 1);
}

TEST_F(WriterStoreTest, AFullDiskFailsTheBatchAndPassesByItself) {
  OpenWriterWithTenant();
  const auto kept = s.DeviceCode(tenant);
  ASSERT_EQ(Try(kept), Code::kOk);
  const auto pages = *writer->database().QueryInteger("PRAGMA page_count");
  const auto limit = "PRAGMA max_page_count=" + std::to_string(pages + 2);
  ASSERT_TRUE(writer->database().Execute(limit.c_str()).ok());

  std::vector<records::Write> writes;
  for (int i = 0; i < 256; ++i) writes.emplace_back(s.DeviceCode(tenant));
  const auto rows = Count("device_codes");
  for (const WriteResult& result : Batch(writes)) EXPECT_EQ(result.code, Code::kFull);
  EXPECT_EQ(Count("device_codes"), rows) << "nothing of the batch stays";
  EXPECT_FALSE(writer->database().InTransaction());
  EXPECT_TRUE(NewReader()->FindLiveUserCode(kept.user_code).ok()) << "reads go on";

  ASSERT_TRUE(writer->database().Execute("PRAGMA max_page_count=1000000").ok());
  for (const WriteResult& result : Batch(writes)) EXPECT_EQ(result.code, Code::kOk);
  EXPECT_EQ(IntegrityCheck(), "ok");
}

TEST_F(WriterStoreTest, ABatchIsAppliedAgainWithoutTheRecordsThatFailed) {
  OpenWriterWithTenant();
  std::vector<records::RedeemDeviceCode> grants;
  std::vector<records::Write> writes;
  for (int i = 0; i < 5; ++i) {
    const auto code = s.DeviceCode(tenant);
    ASSERT_EQ(Try(code), Code::kOk);
    ASSERT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
    grants.push_back(s.Redemption(tenant, code));
  }
  // Found out only after the grant and the device code were changed.
  grants[1].access_token.id = grants[0].access_token.id;
  grants[3].refresh_token->id = grants[0].refresh_token->id;
  for (const auto& grant : grants) writes.emplace_back(grant);
  for (int i = 0; i < 100; ++i) writes.emplace_back(s.DeviceCode(tenant));
  const auto results = Batch(writes);
  EXPECT_EQ(results[0].code, Code::kOk);
  EXPECT_EQ(results[1].code, Code::kExists);
  EXPECT_EQ(results[2].code, Code::kOk);
  EXPECT_EQ(results[3].code, Code::kExists);
  for (std::size_t i = 4; i < results.size(); ++i) EXPECT_EQ(results[i].code, Code::kOk);
  EXPECT_EQ(Count("grants"), 3);
  EXPECT_EQ(Count("access_tokens"), 3);
  EXPECT_EQ(IntegrityCheck(), "ok");
}

TEST_F(WriterStoreTest, CountsLiveCodesThroughRestartsFullDisksSweepsAndFailedBatches) {
  auto options = Options();
  options.limits = {.live_codes_per_client = 4, .live_codes = 0};
  OpenWriter(options);
  tenant = s.NewTenant("acme");
  for (const WriteResult& result : Batch(tenant.All())) ASSERT_EQ(result.code, Code::kOk);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Try(s.DeviceCode(tenant)), Code::kOk);

  const auto pages = *writer->database().QueryInteger("PRAGMA page_count");
  const auto limit = "PRAGMA max_page_count=" + std::to_string(pages);
  ASSERT_TRUE(writer->database().Execute(limit.c_str()).ok());
  auto huge = s.DeviceCode(tenant);
  huge.device_name = std::string(100'000, 'x');
  EXPECT_EQ(Try(huge), Code::kFull);
  ASSERT_TRUE(writer->database().Execute("PRAGMA max_page_count=1000000").ok());

  EXPECT_EQ(Try(s.DeviceCode(tenant)), Code::kOk) << "what was rolled back takes no room";
  EXPECT_EQ(Try(s.DeviceCode(tenant)), Code::kDenied);
  OpenWriter(options);
  EXPECT_EQ(Try(s.DeviceCode(tenant)), Code::kDenied);
  EXPECT_EQ(writer->live_codes().all(), 4);
  EXPECT_TRUE(writer->sweeper().Step(kNow + hours(1)).ok());
  EXPECT_EQ(writer->live_codes().all(), 0);
  EXPECT_EQ(Try(s.DeviceCode(tenant, kNow + hours(1))), Code::kOk);
}

// What a network holds is counted anew by the next writer, and given back by decisions and sweeps.
TEST_F(WriterStoreTest, CountsTheLiveCodesOfNetworksThroughRestartsAndSweeps) {
  auto options = Options();
  options.limits = {.live_codes_per_client = 160, .live_codes = 0};
  OpenWriter(options);
  tenant = s.NewTenant("acme");
  for (const WriteResult& result : Batch(tenant.All())) ASSERT_EQ(result.code, Code::kOk);
  const auto room_of = [&](const char* address, Time at) {
    int given = 0;
    for (int i = 0; i < 100; ++i) {
      auto code = s.DeviceCode(tenant, at);
      code.address = address;
      given += Try(code) == Code::kOk;
    }
    return given;
  };
  EXPECT_EQ(room_of("2001:db8:1:2::3", kNow), 7);
  OpenWriter(options);
  EXPECT_EQ(room_of("2001:db8:1:3::3", kNow), 0);
  EXPECT_EQ(room_of("2001:db8:2:1::3", kNow), 4) << "of what its provider holds";
  EXPECT_EQ(room_of("192.0.2.9", kNow), 17);
  EXPECT_TRUE(writer->sweeper().Step(kNow + hours(1)).ok());
  EXPECT_EQ(room_of("2001:db8:1:2::3", kNow + hours(1)), 7);
}

TEST_F(WriterStoreTest, TakesBackWhatANetworkHeldInABatchThatWasRolledBack) {
  auto options = Options();
  options.limits = {.live_codes_per_client = 160, .live_codes = 0};
  OpenWriter(options);
  tenant = s.NewTenant("acme");
  for (const WriteResult& result : Batch(tenant.All())) ASSERT_EQ(result.code, Code::kOk);
  const auto pages = *writer->database().QueryInteger("PRAGMA page_count");
  const auto limit = "PRAGMA max_page_count=" + std::to_string(pages);
  ASSERT_TRUE(writer->database().Execute(limit.c_str()).ok());
  for (int i = 0; i < 30; ++i) {
    auto huge = s.DeviceCode(tenant);
    huge.device_name = std::string(100'000, 'x');
    EXPECT_EQ(Try(huge), Code::kFull) << i;
  }
  ASSERT_TRUE(writer->database().Execute("PRAGMA max_page_count=1000000").ok());
  EXPECT_EQ(Try(s.DeviceCode(tenant)), Code::kOk);
}

TEST(NetworkNumber, IsOneForAnIpv4AddressAndForAnIpv6Site) {
  using store::NetworkNumberOf;
  EXPECT_EQ(NetworkNumberOf("192.0.2.1"), 0x4'0000'C000'0201);
  EXPECT_EQ(NetworkNumberOf("2001:db8:9:1::1"), 0x6'2001'0db8'0009);
  EXPECT_EQ(NetworkNumberOf("2001:db8:9:ffff::2%eth0"), 0x6'2001'0db8'0009);
  EXPECT_EQ(NetworkNumberOf("64:ff9b::192.0.2.1"), NetworkNumberOf("192.0.2.1"));
  EXPECT_EQ(NetworkNumberOf("unix:"), 0);
  using store::ProviderNumberOf;
  EXPECT_EQ(ProviderNumberOf(NetworkNumberOf("2001:db8:9:1::1")), 0x7'0000'2001'0db8);
  EXPECT_EQ(ProviderNumberOf(NetworkNumberOf("192.0.2.1")), 0);
  EXPECT_EQ(ProviderNumberOf(NetworkNumberOf("unix:")), 0);
  EXPECT_EQ(NetworkNumberOf(""), 0);
}

// A redemption fails after a code of the same batch was counted: the batch is applied again.
TEST_F(WriterStoreTest, CountsALiveCodeOnceThoughItsBatchIsRepeated) {
  OpenWriterWithTenant();
  std::vector<records::RedeemDeviceCode> grants;
  for (int i = 0; i < 2; ++i) {
    const auto code = s.DeviceCode(tenant);
    ASSERT_EQ(Try(code), Code::kOk);
    ASSERT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
    grants.push_back(s.Redemption(tenant, code));
  }
  grants[1].access_token.id = grants[0].access_token.id;
  Batch({grants[0], grants[1], s.DeviceCode(tenant)});
  EXPECT_EQ(writer->live_codes().all(), 1);
  EXPECT_EQ(Count("live_user_codes"), 1);
}

TEST_F(WriterStoreTest, ALoweredLimitEndsTheOldestGrantsAndNoneThatHasEnded) {
  OpenWriterWithTenant();
  std::vector<records::Write> writes;
  for (int i = 0; i < 5; ++i) {
    const auto code = s.DeviceCode(tenant, kNow + seconds(i));
    ASSERT_EQ(Try(code), Code::kOk);
    ASSERT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
    writes.emplace_back(s.Redemption(tenant, code));
  }
  Batch({writes[0], writes[1], writes[2], writes[3]});
  auto options = Options();
  options.limits.grants_per_user = 2;
  OpenWriter(options);
  EXPECT_EQ(Try(writes[4]), Code::kOk);
  const auto live =
      *writer->database().QueryInteger("SELECT count(*) FROM grants WHERE revoked_at IS NULL");
  EXPECT_EQ(live, 2);
  const auto newest = *writer->database().QueryInteger(
      "SELECT count(*) FROM (SELECT revoked_at FROM grants ORDER BY id DESC LIMIT 2)"
      " WHERE revoked_at IS NULL");
  EXPECT_EQ(newest, 2);
}

TEST_F(WriterStoreTest, ProbesLeaveOneRow) {
  OpenWriter();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Try(records::Probe{.record_id = {}, .probed_at = kNow}), Code::kOk);
  }
  EXPECT_EQ(Count("probes"), 1);
  EXPECT_EQ(Count("writer_starts"), 1);
}

}  // namespace
}  // namespace store_test
