// What every store must do, run against each implementation: the fake in memory, and SQLite in WAL
// mode on a file, read through a connection of its own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/ports/batch_applier.h"
#include "domain/ports/directory.h"
#include "domain/ports/reader.h"
#include "store/audit/audit_reader.h"
#include "store/fake_store.h"
#include "store/sample_records.h"
#include "store/sqlite_reader.h"
#include "store/temporary_folder.h"
#include "store/writer_store.h"

namespace store_test {

using base::Code;
using records::WriteResult;

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual domain::BatchApplier& applier() = 0;
  virtual domain::Reader& reader() = 0;
  virtual domain::Directory& directory() = 0;
  virtual std::vector<records::AuditRow> Audit() = 0;  // oldest first
};

class FakeUnderTest final : public StoreUnderTest {
 public:
  explicit FakeUnderTest(const store::RowLimits& limits) : store_(limits) {}
  domain::BatchApplier& applier() override { return store_; }
  domain::Reader& reader() override { return store_; }
  domain::Directory& directory() override { return store_; }
  std::vector<records::AuditRow> Audit() override { return store_.audit(); }

 private:
  FakeStore store_;
};

class SqliteUnderTest final : public StoreUnderTest {
 public:
  explicit SqliteUnderTest(const store::RowLimits& limits) {
    store::WriterStoreOptions options;
    options.limits = limits;
    options.database.path = folder_.Database();
    auto writer = store::WriterStore::Open(options, clock_);
    if (!writer.ok()) {
      ADD_FAILURE() << writer.error().ToString();
      std::abort();
    }
    writer_ = std::move(*writer);
    reader_ = std::make_unique<store::SqliteReader>(
        store::ReaderOptions{.database_path = folder_.Database()},
        [this] { return writer_->generation(); });
  }
  domain::BatchApplier& applier() override { return writer_->applier(); }
  domain::Reader& reader() override { return *reader_; }
  domain::Directory& directory() override { return *reader_; }
  std::vector<records::AuditRow> Audit() override {
    constexpr std::int64_t kMost = 10'000;
    auto reader = store::AuditReader::Open(folder_.Database());
    EXPECT_TRUE(reader.ok()) << reader.status().ToString();
    auto page = (*reader)->After(0, {}, kMost);
    EXPECT_TRUE(page.ok()) << page.status().ToString();
    return page->rows;
  }

 private:
  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<store::WriterStore> writer_;
  std::unique_ptr<store::SqliteReader> reader_;
};

enum class Kind { kFake, kSqlite };

class StoreConformance : public ::testing::TestWithParam<Kind> {
 protected:
  explicit StoreConformance(const store::RowLimits& limits = {}) {
    if (GetParam() == Kind::kFake) {
      store_ = std::make_unique<FakeUnderTest>(limits);
    } else {
      store_ = std::make_unique<SqliteUnderTest>(limits);
    }
    acme = MakeTenant("acme");
    globex = MakeTenant("globex");
  }

  Tenant MakeTenant(const std::string& slug) {
    Tenant tenant = s.NewTenant(slug);
    for (const WriteResult& result : Batch(tenant.All())) EXPECT_EQ(result.code, Code::kOk);
    return tenant;
  }

  WriteResult Do(const records::Write& write) { return ApplyOne(store_->applier(), write); }
  Code Try(const records::Write& write) { return Do(write).code; }
  std::vector<WriteResult> Batch(const std::vector<records::Write>& writes) {
    return ApplyAll(store_->applier(), writes);
  }
  domain::BatchApplier& applier() { return store_->applier(); }
  std::vector<records::AuditRow> Audit() { return store_->Audit(); }
  domain::Reader& reader() { return store_->reader(); }
  domain::Directory& directory() { return store_->directory(); }

  // A code of acme's, approved by its user.
  records::CreateDeviceCode ApprovedCode() {
    const auto code = s.DeviceCode(acme);
    EXPECT_EQ(Try(code), Code::kOk);
    EXPECT_EQ(Try(s.Decision(acme, code)), Code::kOk);
    return code;
  }
  // What acme's user got for it.
  records::RedeemDeviceCode Grant() {
    const auto grant = s.Redemption(acme, ApprovedCode());
    EXPECT_EQ(Try(grant), Code::kOk);
    return grant;
  }

  Samples s;
  Tenant acme;
  Tenant globex;

 private:
  std::unique_ptr<StoreUnderTest> store_;
};

inline std::string KindName(const ::testing::TestParamInfo<Kind>& kind) {
  return kind.param == Kind::kFake ? "Fake" : "Sqlite";
}

// Named by claim; each file of the suite instantiates its own fixture with it.
#define INSTANTIATE_FOR_EACH_STORE(Fixture)                                                   \
  INSTANTIATE_TEST_SUITE_P(EachStore, Fixture, ::testing::Values(Kind::kFake, Kind::kSqlite), \
                           KindName)

}  // namespace store_test
