// A writer on a file of its own, and what tests of SQLite's side ask of it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/sample_records.h"
#include "store/sqlite_reader.h"
#include "store/statement.h"
#include "store/temporary_folder.h"
#include "store/writer_store.h"

namespace store_test {

using base::Code;
using records::WriteResult;

class SqliteFixture : public ::testing::Test {
 protected:
  // Without a limit of what may be alive: a test that asks about one sets it.
  store::WriterStoreOptions Options() const {
    store::WriterStoreOptions options;
    options.database.path = folder.Database();
    options.limits = {
        .grants_per_user = 0, .sessions_per_user = 0, .live_codes_per_client = 0, .live_codes = 0};
    return options;
  }

  void OpenWriter(const store::WriterStoreOptions& options) {
    writer.reset();
    auto opened = store::WriterStore::Open(options, clock);
    if (!opened.ok()) {
      ADD_FAILURE() << opened.error().ToString();
      std::abort();
    }
    writer = std::move(*opened);
  }
  void OpenWriter() { OpenWriter(Options()); }

  // With a tenant in it.
  void OpenWriterWithTenant() {
    OpenWriter();
    tenant = s.NewTenant("acme");
    for (const WriteResult& result : Batch(tenant.All())) ASSERT_EQ(result.code, Code::kOk);
  }

  WriteResult Do(const records::Write& write) { return ApplyOne(writer->applier(), write); }
  Code Try(const records::Write& write) { return Do(write).code; }
  std::vector<WriteResult> Batch(const std::vector<records::Write>& writes) {
    return ApplyAll(writer->applier(), writes);
  }

  // A reader without a directory cache.
  std::unique_ptr<store::SqliteReader> NewReader() const {
    return std::make_unique<store::SqliteReader>(
        store::ReaderOptions{.database_path = folder.Database()}, [] { return std::uint64_t{0}; });
  }

  std::int64_t Count(const std::string& table) {
    const auto count = writer->database().QueryInteger(("SELECT count(*) FROM " + table).c_str());
    EXPECT_TRUE(count.ok());
    return count.ok() ? *count : -1;
  }

  std::string IntegrityCheck() {
    store::StatementCache statements(writer->database());
    store::Query query(statements, "PRAGMA integrity_check");
    const auto row = query.Step();
    return row.ok() && *row ? query.Read<std::string>() : row.status().ToString();
  }

  TemporaryFolder folder;
  FakeClock clock;
  Samples s;
  Tenant tenant;
  std::unique_ptr<store::WriterStore> writer;
};

}  // namespace store_test
