#include "store/audit/audit_keeper.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/hashes.h"
#include "store/audit/audit_verifier.h"
#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

using std::chrono::days;
using store::AuditKeeper;
using store::AuditReport;

constexpr seconds kSealAfter{60};

class AuditKeeperTest : public SqliteFixture {
 protected:
  AuditKeeperTest() {
    OpenWriterWithTenant();
    globex = s.NewTenant("globex");
    for (const WriteResult& result : Batch(globex.All())) EXPECT_EQ(result.code, Code::kOk);
    keeper = std::make_unique<AuditKeeper>(
        writer->database(), digest,
        AuditKeeper::Options{.seal_after = kSealAfter, .keep = days(10)});
  }

  // Events of both tenants in turn.
  void WriteEvents(int count) {
    std::vector<records::Write> writes;
    for (int i = 0; i < count; ++i)
      writes.emplace_back(s.SignIn((i % 2 == 0 ? tenant : globex).user));
    for (const WriteResult& result : Batch(writes)) ASSERT_EQ(result.code, Code::kOk);
  }

  // Steps until nothing is left to do.
  AuditKeeper::Kept Keep(Time now) {
    AuditKeeper::Kept sum;
    for (int i = 0; i < 1000; ++i) {
      const auto kept = keeper->Step(now);
      EXPECT_TRUE(kept.ok()) << kept.status().ToString();
      if (!kept.ok()) return sum;
      sum.sealed += kept->sealed;
      sum.pruned += kept->pruned;
      if (kept->sealed == 0 && kept->pruned == 0) return sum;
    }
    ADD_FAILURE() << "never done";
    return sum;
  }
  void SealAll() {
    clock.now += kSealAfter;
    Keep(clock.now);
  }

  AuditReport Verify() {
    auto reader = store::AuditReader::Open(folder.Database());
    EXPECT_TRUE(reader.ok()) << reader.status().ToString();
    auto report = store::AuditVerifier(**reader, digest).Run();
    EXPECT_TRUE(report.ok()) << report.status().ToString();
    return report.ok() ? *report : AuditReport{};
  }
  std::string FirstBreak() {
    const AuditReport report = Verify();
    return report.breaks.empty() ? "holds" : report.breaks[0].what;
  }

  // What somebody does who can write the file, by a connection of their own.
  void Run(const std::string& sql) { EXPECT_GE(ChangesOf(sql), 0); }
  void Tamper(const std::string& sql) { EXPECT_GT(ChangesOf(sql), 0) << sql; }
  int ChangesOf(const std::string& sql) const {
    sqlite3* file = nullptr;
    EXPECT_EQ(sqlite3_open(folder.Database().c_str(), &file), SQLITE_OK);
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(file, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK)
        << (error == nullptr ? "" : error);
    sqlite3_free(error);
    const int changes = sqlite3_total_changes(file);
    sqlite3_close(file);
    return changes;
  }

  Tenant globex;
  crypto::OpenSslDigest digest;
  std::unique_ptr<AuditKeeper> keeper;
};

TEST_F(AuditKeeperTest, SealsAnIntervalOnceItsOldestRowHasWaited) {
  EXPECT_EQ(Keep(kNow + kSealAfter - milliseconds(1)).sealed, 0);
  EXPECT_EQ(Count("audit_seals"), 0);
  clock.now = kNow + kSealAfter - milliseconds(1);
  WriteEvents(4);
  EXPECT_EQ(Keep(kNow + kSealAfter).sealed, 14) << "young rows go with the old ones";
  EXPECT_EQ(Count("audit_seals"), 2) << "one an organization";
  const AuditReport report = Verify();
  EXPECT_TRUE(report.breaks.empty());
  EXPECT_EQ(report.unsealed_rows, 0);
  EXPECT_EQ(report.heads.at(tenant.organization.row.id).rows, 7);
  EXPECT_EQ(report.state.sealed_through, 14);
}

TEST_F(AuditKeeperTest, AClockThatWasSetBackDoesNotPutSealingOff) {
  EXPECT_EQ(Keep(kNow - hours(24)).sealed, 10);
}

TEST_F(AuditKeeperTest, TheUnsealedTailIsShown) {
  SealAll();
  WriteEvents(3);
  const AuditReport report = Verify();
  EXPECT_TRUE(report.breaks.empty());
  EXPECT_EQ(report.unsealed_rows, 3);
  EXPECT_EQ(report.unsealed_since, clock.now);
}

TEST_F(AuditKeeperTest, AnIntervalIsBoundedAndTheChainGoesOnOverManyAndOverARestart) {
  for (int i = 0; i < 5; ++i) WriteEvents(500);
  clock.now += kSealAfter;
  const auto first = keeper->Step(clock.now);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->sealed, records::kMostRowsOfInterval);
  EXPECT_TRUE(first->has_more);
  EXPECT_EQ(Keep(clock.now).sealed, 2510 - records::kMostRowsOfInterval);
  keeper.reset();
  OpenWriter();
  keeper = std::make_unique<AuditKeeper>(writer->database(), digest,
                                         AuditKeeper::Options{.seal_after = kSealAfter});
  WriteEvents(3);
  SealAll();
  const AuditReport report = Verify();
  EXPECT_TRUE(report.breaks.empty());
  EXPECT_EQ(report.heads.at(globex.organization.row.id).seals, 4);
}

TEST_F(AuditKeeperTest, AnEditedRowIsFoundWhateverWasEdited) {
  WriteEvents(10);
  SealAll();
  WriteEvents(10);
  SealAll();
  for (const char* edit :
       {"at = at + 1", "event = event + 1", "record_id = zeroblob(16)", "actor = 0",
        "actor_id = zeroblob(16)", "actor_name = 'x'", "user_id = NULL", "subject_id = NULL",
        "address = '192.0.2.1'", "detail = ''"}) {
    ASSERT_EQ(FirstBreak(), "holds");
    Run("CREATE TABLE kept AS SELECT * FROM audit_events WHERE sequence = 13");
    Tamper(std::string("UPDATE audit_events SET ") + edit + " WHERE sequence = 13");
    const AuditReport report = Verify();
    ASSERT_EQ(report.breaks.size(), 1U) << edit;
    EXPECT_EQ(report.breaks[0].organization_id, tenant.organization.row.id);
    EXPECT_LE(report.breaks[0].first_sequence, 13);
    EXPECT_GE(report.breaks[0].last_sequence, 13);
    Tamper("REPLACE INTO audit_events SELECT * FROM kept; DROP TABLE kept");
  }
}

TEST_F(AuditKeeperTest, ARowThatCannotBeReadIsFound) {
  SealAll();
  Tamper("UPDATE audit_events SET record_id = x'00' WHERE sequence = 3");
  EXPECT_TRUE(FirstBreak().starts_with("a row or a seal cannot be read"));
}

TEST_F(AuditKeeperTest, ARowGivenToAnotherOrganizationIsFound) {
  SealAll();
  Tamper(
      "UPDATE audit_events SET organization_id = (SELECT organization_id FROM audit_events"
      " WHERE sequence = 9) WHERE sequence = 2");
  EXPECT_EQ(Verify().breaks.size(), 2U) << "both seals are broken";
}

TEST_F(AuditKeeperTest, ADeletedRowIsNamed) {
  SealAll();
  WriteEvents(4);
  Tamper("DELETE FROM audit_events WHERE sequence IN (7, 12)");
  const AuditReport report = Verify();
  ASSERT_GE(report.breaks.size(), 2U);
  EXPECT_EQ(report.breaks[0].what, "rows are gone");
  EXPECT_EQ(report.breaks[0].first_sequence, 7);
  EXPECT_EQ(report.breaks[0].last_sequence, 7);
  EXPECT_EQ(report.breaks.back().first_sequence, 12) << "of the unsealed tail";
}

TEST_F(AuditKeeperTest, DeletedRowsAtTheEndOfWhatIsSealedAreNamed) {
  SealAll();
  Tamper("DELETE FROM audit_events WHERE sequence >= 9");
  const AuditReport report = Verify();
  ASSERT_FALSE(report.breaks.empty());
  EXPECT_EQ(report.breaks[0].first_sequence, 9);
  EXPECT_EQ(report.breaks[0].last_sequence, 10);
}

TEST_F(AuditKeeperTest, AllRowsDeletedAreFound) {
  SealAll();
  Tamper("DELETE FROM audit_events");
  EXPECT_EQ(FirstBreak(), "rows are gone");
}

TEST_F(AuditKeeperTest, ARowPutBackInAnothersPlaceIsFound) {
  SealAll();
  Tamper("DELETE FROM audit_events WHERE sequence = 5");
  Tamper(
      "INSERT INTO audit_events SELECT 5, organization_id, at, event, record_id, actor, actor_id,"
      " actor_name, user_id, subject_id, address, detail FROM audit_events WHERE sequence = 4");
  EXPECT_NE(FirstBreak(), "holds");
}

TEST_F(AuditKeeperTest, ARowPutInBeforeTheFirstIsFound) {
  SealAll();
  Tamper(
      "INSERT INTO audit_events SELECT 0, organization_id, at, event, record_id, actor, actor_id,"
      " actor_name, user_id, subject_id, address, detail FROM audit_events WHERE sequence = 4");
  EXPECT_EQ(FirstBreak(), "a row stands where all were deleted for their age");
}

TEST_F(AuditKeeperTest, ChangedDeletedAndForgedSealsAreFound) {
  SealAll();
  WriteEvents(4);
  SealAll();
  for (const char* tampering :
       {"UPDATE audit_seals SET hash = zeroblob(32) WHERE last_sequence = 10",
        "UPDATE audit_seals SET row_count = row_count + 1 WHERE last_sequence = 10",
        "UPDATE audit_seals SET first_sequence = 2 WHERE last_sequence = 10",
        "DELETE FROM audit_seals WHERE last_sequence = 10",
        "DELETE FROM audit_seals WHERE last_sequence = 14",
        "INSERT INTO audit_seals SELECT zeroblob(16), last_sequence, first_sequence, row_count, "
        "hash,"
        " sealed_at FROM audit_seals LIMIT 1",
        "UPDATE audit_state SET sealed_through = 10"}) {
    ASSERT_EQ(FirstBreak(), "holds");
    Run("CREATE TABLE kept AS SELECT * FROM audit_seals");
    Tamper(tampering);
    EXPECT_NE(FirstBreak(), "holds") << tampering;
    Tamper(
        "DELETE FROM audit_seals; INSERT INTO audit_seals SELECT * FROM kept; DROP TABLE kept;"
        " UPDATE audit_state SET sealed_through = 14");
  }
}

TEST_F(AuditKeeperTest, OldRowsGoAsWholeIntervalsAndTheChainStaysVerifiable) {
  SealAll();  // 1 to 10
  clock.now += days(5);
  WriteEvents(6);
  SealAll();  // 11 to 16
  clock.now += days(5);
  WriteEvents(2);
  SealAll();  // 17, 18
  EXPECT_EQ(Count("audit_events"), 8) << "the first interval was ten days old";
  AuditReport report = Verify();
  EXPECT_TRUE(report.breaks.empty()) << report.breaks[0].what;
  EXPECT_EQ(report.state.pruned_through, 10);
  EXPECT_EQ(Count("audit_seals"), 6) << "the last seals of what is gone are the start of the rest";
  clock.now += days(5);
  EXPECT_EQ(Keep(clock.now).pruned, 6);
  report = Verify();
  EXPECT_TRUE(report.breaks.empty());
  EXPECT_EQ(Count("audit_seals"), 4);
  Tamper("UPDATE audit_seals SET hash = zeroblob(32) WHERE last_sequence = 16");
  EXPECT_NE(FirstBreak(), "holds") << "the start is part of the chain";
}

TEST_F(AuditKeeperTest, TheNewestRowStaysSoThatNoSequenceIsGivenTwice) {
  SealAll();
  clock.now += days(100);
  EXPECT_EQ(Keep(clock.now).pruned, 0);
  WriteEvents(1);
  SealAll();
  EXPECT_EQ(Verify().state.pruned_through, 10);
  EXPECT_EQ(Count("audit_events"), 1);
  WriteEvents(1);
  EXPECT_EQ(*writer->database().QueryInteger("SELECT max(sequence) FROM audit_events"), 12);
}

TEST_F(AuditKeeperTest, UnsealedRowsAreNeverDeleted) {
  keeper = std::make_unique<AuditKeeper>(
      writer->database(), digest,
      AuditKeeper::Options{.seal_after = hours(24) * 1000, .keep = days(10)});
  EXPECT_EQ(Keep(kNow + days(100)).pruned, 0);
  EXPECT_EQ(Count("audit_events"), 10);
}

TEST_F(AuditKeeperTest, NothingGoesWhereAllIsKept) {
  keeper = std::make_unique<AuditKeeper>(
      writer->database(), digest, AuditKeeper::Options{.seal_after = kSealAfter, .keep = days(0)});
  SealAll();
  WriteEvents(2);
  clock.now += days(100'000);
  EXPECT_EQ(Keep(clock.now).pruned, 0);
}

TEST_F(AuditKeeperTest, ABatchThatIsAppliedAgainWithoutARecordLeavesNoGapAndNoStrayRow) {
  std::vector<records::Write> writes;
  std::vector<records::RedeemDeviceCode> grants;
  for (int i = 0; i < 3; ++i) {
    const auto code = s.DeviceCode(tenant);
    ASSERT_EQ(Try(code), Code::kOk);
    ASSERT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
    grants.push_back(s.Redemption(tenant, code));
  }
  // Found out only after the grant and the device code were changed.
  grants[1].access_token.id = grants[0].access_token.id;
  for (const auto& grant : grants) writes.emplace_back(grant);
  const auto results = Batch(writes);
  EXPECT_EQ(results[0].code, Code::kOk);
  EXPECT_EQ(results[1].code, Code::kExists);
  EXPECT_EQ(results[2].code, Code::kOk);
  EXPECT_EQ(Count("audit_events"), 10 + 3 + 2);
  SealAll();
  EXPECT_EQ(FirstBreak(), "holds");
}

TEST_F(AuditKeeperTest, PagesOfAFilterLookAtEverythingOnceAndInOrder) {
  for (int i = 0; i < 5; ++i) WriteEvents(500);
  auto opened = store::AuditReader::Open(folder.Database());
  ASSERT_TRUE(opened.ok());
  const auto& reader = *opened;
  const store::AuditFilter filter{.organization_id = globex.organization.row.id,
                                  .event = records::AuditEvent::kSignedIn};
  std::vector<std::int64_t> forward;
  for (std::int64_t at = 0;;) {
    const auto page = reader->After(at, filter, 333);
    ASSERT_TRUE(page.ok());
    for (const auto& row : page->rows) forward.push_back(row.sequence);
    if (page->end == at) break;
    at = page->end;
  }
  EXPECT_EQ(forward.size(), 1250U);
  EXPECT_TRUE(std::ranges::is_sorted(forward));
  std::vector<std::int64_t> backward;
  for (std::int64_t before = 2511; before > 1;) {
    const auto page = reader->Before(before, filter, 333);
    ASSERT_TRUE(page.ok());
    for (const auto& row : page->rows) backward.insert(backward.begin(), row.sequence);
    before = page->end;
  }
  EXPECT_EQ(backward, forward);
}

}  // namespace
}  // namespace store_test
