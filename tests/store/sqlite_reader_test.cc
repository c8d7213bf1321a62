#include "store/sqlite_reader.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <functional>

#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

using records::OrganizationStatus;

// Whether `condition` comes true within five seconds.
bool Await(const std::function<bool()>& condition) {
  const std::int64_t deadline = base::MonotonicMicros() + 5'000'000;
  while (!condition()) {
    if (base::MonotonicMicros() > deadline) return false;
  }
  return true;
}

class SqliteReaderTest : public SqliteFixture {
 protected:
  // A reader that keeps directory rows while generation_ stands.
  std::unique_ptr<store::SqliteReader> NewCachingReader() {
    return std::make_unique<store::SqliteReader>(
        store::ReaderOptions{.database_path = folder.Database()}, [this] { return generation_; });
  }
  void SetStatus(OrganizationStatus status) {
    EXPECT_EQ(Try(records::UpdateOrganization{.record_id = s.ids.Make<records::RecordId>(),
                                              .organization_id = tenant.organization.row.id,
                                              .name = std::nullopt,
                                              .status = status,
                                              .updated_at = kNow}),
              Code::kOk);
  }
  OrganizationStatus StatusSeenBy(store::SqliteReader& reader) {
    const auto row = reader.FindOrganization(tenant.organization.row.id);
    EXPECT_TRUE(row.ok());
    return row.ok() ? (*row)->status : OrganizationStatus::kCount;
  }

  std::uint64_t generation_ = 1;
};

TEST_F(SqliteReaderTest, IsUnavailableUntilThereIsADatabaseAndThenReadsIt) {
  const auto reader = NewReader();
  EXPECT_EQ(reader->FindOrganizationBySlug("acme").status().code(), Code::kUnavailable);
  OpenWriterWithTenant();
  EXPECT_TRUE(Await([&] { return reader->FindOrganizationBySlug("acme").ok(); }));
}

TEST_F(SqliteReaderTest, IsUnavailableWhileTheDatabaseHasNoSchema) {
  auto empty = store::Database::OpenForWriting({.path = folder.Database()});
  ASSERT_TRUE(empty.ok());
  const auto reader = NewReader();
  EXPECT_EQ(reader->FindOrganizationBySlug("acme").status().code(), Code::kUnavailable);
}

TEST_F(SqliteReaderTest, FindsTheDatabaseThatReplacedItsOwn) {
  OpenWriterWithTenant();
  ASSERT_TRUE(writer->CloseCleanly().ok());
  writer.reset();
  const auto reader = NewReader();
  ASSERT_TRUE(reader->FindOrganizationBySlug("acme").ok());

  const TemporaryFolder other;
  store::WriterStoreOptions options;
  options.database.path = other.Database();
  auto restored = store::WriterStore::Open(options, clock);
  ASSERT_TRUE(restored.ok());
  ApplyOne((*restored)->applier(), s.Organization("restored"));
  ASSERT_TRUE((*restored)->CloseCleanly().ok());
  restored->reset();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::rename(other.Database() + suffix, folder.Database() + suffix);
  }
  EXPECT_TRUE(Await([&] {
    reader->StartTurn();
    const bool is_found = reader->FindOrganizationBySlug("restored").ok();
    reader->EndTurn();
    return is_found;
  }));
}

TEST_F(SqliteReaderTest, SeesOneStateThroughoutATurnAndTheNewestInTheNext) {
  OpenWriterWithTenant();
  const auto reader = NewReader();
  const auto first = s.DeviceCode(tenant);
  const auto second = s.DeviceCode(tenant);
  ASSERT_EQ(Try(first), Code::kOk);
  reader->StartTurn();
  EXPECT_TRUE(reader->FindLiveUserCode(first.user_code).ok());
  ASSERT_EQ(Try(second), Code::kOk);
  EXPECT_EQ(reader->FindLiveUserCode(second.user_code).status().code(), Code::kNotFound);
  reader->StartTurn();
  EXPECT_TRUE(reader->FindLiveUserCode(second.user_code).ok());
  reader->EndTurn();
}

TEST_F(SqliteReaderTest, ATurnSeesWhatWasCommittedBeforeItsFirstRead) {
  OpenWriterWithTenant();
  const auto reader = NewReader();
  ASSERT_TRUE(reader->FindOrganizationBySlug("acme").ok());
  reader->StartTurn();
  const auto code = s.DeviceCode(tenant);
  ASSERT_EQ(Try(code), Code::kOk);
  EXPECT_TRUE(reader->FindLiveUserCode(code.user_code).ok());
}

TEST_F(SqliteReaderTest, HoldsTheLogOnlyDuringATurn) {
  OpenWriterWithTenant();
  const auto reader = NewReader();
  reader->StartTurn();
  ASSERT_TRUE(reader->FindOrganizationBySlug("acme").ok());
  ASSERT_EQ(Try(s.DeviceCode(tenant)), Code::kOk);
  EXPECT_EQ(writer->CloseCleanly().code(), Code::kUnavailable);
  reader->EndTurn();
  EXPECT_TRUE(writer->CloseCleanly().ok());
}

// A turn of many requests that sign tokens: the log must not be held for as long as that takes.
TEST_F(SqliteReaderTest, LetsGoOfTheLogBetweenTheRequestsOfALongTurn) {
  OpenWriterWithTenant();
  const auto reader = NewReader();
  reader->StartTurn();
  ASSERT_TRUE(reader->FindOrganizationBySlug("acme").ok());
  const auto code = s.DeviceCode(tenant);
  ASSERT_EQ(Try(code), Code::kOk);
  EXPECT_EQ(writer->CloseCleanly().code(), Code::kUnavailable);
  const std::int64_t began = base::MonotonicMicros();
  while (base::MonotonicMicros() - began <= 2000) {
  }
  reader->RequestEnded();
  EXPECT_TRUE(writer->CloseCleanly().ok());
  EXPECT_TRUE(reader->FindLiveUserCode(code.user_code).ok()) << "the turn goes on";
  reader->EndTurn();
}

TEST_F(SqliteReaderTest, WithoutATurnEveryReadSeesTheNewestState) {
  OpenWriterWithTenant();
  const auto reader = NewCachingReader();
  EXPECT_EQ(StatusSeenBy(*reader), OrganizationStatus::kActive);
  SetStatus(OrganizationStatus::kSuspended);
  EXPECT_EQ(StatusSeenBy(*reader), OrganizationStatus::kSuspended);
  EXPECT_TRUE(writer->CloseCleanly().ok()) << "and none holds the log";
}

TEST_F(SqliteReaderTest, KeepsDirectoryRowsWhileTheGenerationStands) {
  OpenWriterWithTenant();
  const auto reader = NewCachingReader();
  reader->StartTurn();
  EXPECT_EQ(StatusSeenBy(*reader), OrganizationStatus::kActive);
  SetStatus(OrganizationStatus::kSuspended);
  reader->StartTurn();
  EXPECT_EQ(StatusSeenBy(*reader), OrganizationStatus::kActive) << "kept: the generation stands";
  ++generation_;
  reader->StartTurn();
  EXPECT_EQ(StatusSeenBy(*reader), OrganizationStatus::kSuspended);
}

TEST_F(SqliteReaderTest, KeepsNothingWhileTheGenerationIsUnknown) {
  OpenWriterWithTenant();
  generation_ = 0;
  const auto reader = NewCachingReader();
  reader->StartTurn();
  EXPECT_EQ(StatusSeenBy(*reader), OrganizationStatus::kActive);
  SetStatus(OrganizationStatus::kSuspended);
  reader->StartTurn();
  EXPECT_EQ(StatusSeenBy(*reader), OrganizationStatus::kSuspended);
}

TEST_F(SqliteReaderTest, AKeptRowIsNotAnotherOrganizations) {
  OpenWriterWithTenant();
  const auto reader = NewCachingReader();
  const auto other = s.ids.Make<records::OrganizationId>();
  reader->StartTurn();
  ASSERT_TRUE(reader->FindService(tenant.organization.row.id, tenant.service.row.id).ok());
  EXPECT_EQ(reader->FindService(other, tenant.service.row.id).status().code(), Code::kNotFound);
}

TEST_F(SqliteReaderTest, ReportsADamagedRowAndAnotherProgramsFile) {
  OpenWriterWithTenant();
  const auto reader = NewReader();
  ASSERT_TRUE(writer->database().Execute("UPDATE users SET status = 77").ok());
  EXPECT_EQ(reader->FindUser(tenant.user.row.organization_id, tenant.user.row.id).status().code(),
            Code::kCorrupt);
  ASSERT_TRUE(writer->database().Execute("UPDATE users SET status = 0").ok());
  EXPECT_TRUE(reader->FindUser(tenant.user.row.organization_id, tenant.user.row.id).ok());
  ASSERT_TRUE(writer->database().Execute("PRAGMA application_id = 7").ok());
  EXPECT_EQ(NewReader()->FindOrganizationBySlug("acme").status().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace store_test
