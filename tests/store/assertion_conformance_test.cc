// A client assertion issues something once, whatever became of the mark in memory.
#include <array>
#include <functional>
#include <string_view>

#include "store/conformance.h"

namespace store_test {
namespace {

class UsedAssertions : public StoreConformance {
 public:
  using Issue = std::function<Code(const records::UsedAssertion&, records::RecordId)>;

  records::RecordId NewRecord() { return s.ids.Make<records::RecordId>(); }
  records::UsedAssertion Assertion() {
    return {.client_row_id = acme.service.client.id,
            .jti_hash = s.ids.Hash(),
            .expires_at = kNow + minutes(6)};
  }

  template <class Record>
  Code TryWith(Record record, const records::UsedAssertion& assertion,
               records::RecordId record_id) {
    record.assertion = assertion;
    record.record_id = record_id;
    return Try(record);
  }
  Code IssueCode(const records::UsedAssertion& assertion, records::RecordId id) {
    return TryWith(s.DeviceCode(acme), assertion, id);
  }
  Code RedeemCode(const records::UsedAssertion& assertion, records::RecordId id) {
    return TryWith(s.Redemption(acme, ApprovedCode()), assertion, id);
  }
  Code RefreshGrant(const records::UsedAssertion& assertion, records::RecordId id) {
    const auto grant = Grant();
    return TryWith(s.Rotation(grant, grant.refresh_token->id, grant.redeemed_at + minutes(1)),
                   assertion, id);
  }
  // A client that missed the answer, with another assertion or the same.
  Code ReplayWithinTheGrace(const records::UsedAssertion& assertion, records::RecordId id) {
    const auto grant = Grant();
    const Time at = grant.redeemed_at + minutes(1);
    EXPECT_EQ(Try(s.Rotation(grant, grant.refresh_token->id, at)), Code::kOk);
    return TryWith(s.Rotation(grant, grant.refresh_token->id, at + seconds(1)), assertion, id);
  }
};
INSTANTIATE_FOR_EACH_STORE(UsedAssertions);

struct Way {
  std::string_view name;
  Code (UsedAssertions::*issue)(const records::UsedAssertion&, records::RecordId);
};
constexpr std::array kWays{
    Way{"device code", &UsedAssertions::IssueCode},
    Way{"redemption", &UsedAssertions::RedeemCode},
    Way{"refresh", &UsedAssertions::RefreshGrant},
    Way{"replay within the grace", &UsedAssertions::ReplayWithinTheGrace},
};

TEST_P(UsedAssertions, IssueOnceWhateverIsAskedForNext) {
  for (const Way& first : kWays) {
    for (const Way& second : kWays) {
      SCOPED_TRACE(std::string(first.name) + ", then " + std::string(second.name));
      const auto assertion = Assertion();
      const auto record_id = NewRecord();
      EXPECT_EQ((this->*first.issue)(assertion, record_id), Code::kOk);
      EXPECT_EQ((this->*second.issue)(assertion, NewRecord()), Code::kInvalid);
      EXPECT_EQ((this->*second.issue)(assertion, record_id), Code::kOk) << "the same request";
      auto of_another_client = assertion;
      of_another_client.client_row_id = globex.service.client.id;
      EXPECT_EQ((this->*second.issue)(of_another_client, NewRecord()), Code::kOk)
          << "a jti is its client's";
    }
  }
}

TEST_P(UsedAssertions, OfTwoInOneBatchIssueOnce) {
  auto first = s.DeviceCode(acme);
  auto second = s.DeviceCode(acme);
  first.assertion = second.assertion = Assertion();
  const auto results = Batch({first, second});
  EXPECT_EQ((results[0].code == Code::kOk) + (results[1].code == Code::kOk), 1);
  EXPECT_EQ((results[0].code == Code::kInvalid) + (results[1].code == Code::kInvalid), 1);
}

TEST_P(UsedAssertions, AreAnsweredAgainAsTheFirstTime) {
  auto code = s.DeviceCode(acme);
  code.assertion = Assertion();
  EXPECT_EQ(Try(code), Code::kOk);
  EXPECT_EQ(Try(code), Code::kOk);
  auto redemption = s.Redemption(acme, ApprovedCode());
  redemption.assertion = Assertion();
  EXPECT_EQ(Try(redemption), Code::kOk);
  EXPECT_EQ(Try(redemption), Code::kOk);
  auto rotation =
      s.Rotation(redemption, redemption.refresh_token->id, redemption.redeemed_at + minutes(1));
  rotation.assertion = Assertion();
  EXPECT_EQ(Try(rotation), Code::kOk);
  EXPECT_EQ(Try(rotation), Code::kOk);
}

// Nothing was issued: the mark in memory is enough.
TEST_P(UsedAssertions, AreNotUsedByWhatWasRefused) {
  const auto assertion = Assertion();
  auto pending = s.DeviceCode(acme);
  EXPECT_EQ(Try(pending), Code::kOk);
  auto early = s.Redemption(acme, pending);
  early.assertion = assertion;
  EXPECT_EQ(Try(early), Code::kConflict);
  auto taken = s.DeviceCode(acme);
  taken.user_code = pending.user_code;
  taken.assertion = assertion;
  EXPECT_EQ(Try(taken), Code::kExists);
  EXPECT_EQ(IssueCode(assertion, NewRecord()), Code::kOk);
}

}  // namespace
}  // namespace store_test
