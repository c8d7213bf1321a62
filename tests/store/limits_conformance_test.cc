// How much one user, one client and all together may have alive, and what happens beyond it.
#include <string>
#include <vector>

#include "store/conformance.h"

namespace store_test {
namespace {

using records::AuditEvent;

class RowLimits : public StoreConformance {
 protected:
  RowLimits()
      : StoreConformance({.grants_per_user = 3,
                          .sessions_per_user = 2,
                          .live_codes_per_client = 4,
                          .live_codes = 6}) {}

  records::RecordId NewRecord() { return s.ids.Make<records::RecordId>(); }
  bool IsRevoked(const records::RedeemDeviceCode& grant) {
    return reader().FindAccessToken(grant.access_token.id)->grant_revoked;
  }
  bool IsSignedIn(const records::CreateSession& session) {
    return reader().FindSession(session.organization_id, session.session_id).ok();
  }
  // A grant of the tenant's user, made at that time.
  records::RedeemDeviceCode GrantAt(const Tenant& of, Time at) {
    const auto code = s.DeviceCode(of, at);
    EXPECT_EQ(Try(code), Code::kOk);
    EXPECT_EQ(Try(s.Decision(of, code)), Code::kOk);
    const auto grant = s.Redemption(of, code);
    EXPECT_EQ(Try(grant), Code::kOk);
    return grant;
  }
  std::vector<records::AuditRow> EndedByLimit() {
    std::vector<records::AuditRow> ended;
    for (const records::AuditRow& row : Audit()) {
      if (row.detail == records::kEndedByLimit) ended.push_back(row);
    }
    return ended;
  }
  // The client's codes until it is refused.
  Code FillWithCodes(const Tenant& of, std::vector<records::CreateDeviceCode>* made) {
    for (int i = 0; i < 100; ++i) {
      const auto code = s.DeviceCode(of);
      if (const Code result = Try(code); result != Code::kOk) return result;
      made->push_back(code);
    }
    ADD_FAILURE() << "no end";
    return Code::kOk;
  }
};
INSTANTIATE_FOR_EACH_STORE(RowLimits);

TEST_P(RowLimits, TheOldestGrantEndsWithOneTooMany) {
  std::vector<records::RedeemDeviceCode> grants;
  for (int i = 0; i < 3; ++i) grants.push_back(GrantAt(acme, kNow + seconds(i)));
  const auto elsewhere = GrantAt(globex, kNow);
  EXPECT_TRUE(EndedByLimit().empty());
  grants.push_back(GrantAt(acme, kNow + seconds(3)));
  EXPECT_TRUE(IsRevoked(grants[0]));
  for (int i = 1; i < 4; ++i) EXPECT_FALSE(IsRevoked(grants[static_cast<std::size_t>(i)])) << i;
  EXPECT_FALSE(IsRevoked(elsewhere));
  EXPECT_EQ(Try(s.Rotation(grants[0], grants[0].refresh_token->id, kNow + minutes(5))),
            Code::kNotFound);

  const auto ended = EndedByLimit();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].event, AuditEvent::kGrantRevoked);
  EXPECT_EQ(ended[0].actor, records::AuditActor::kNobody);
  EXPECT_EQ(ended[0].user_id, acme.user.row.id);
  EXPECT_EQ(ended[0].subject_id->bytes, grants[0].grant.id.bytes);
  EXPECT_EQ(ended[0].record_id, grants[3].record_id);
  EXPECT_EQ(Try(grants[3]), Code::kOk) << "sent again";
  EXPECT_EQ(EndedByLimit().size(), 1U) << "and no event once more";
  EXPECT_FALSE(IsRevoked(grants[1]));
}

TEST_P(RowLimits, AGrantThatWasRevokedMakesRoom) {
  const auto first = GrantAt(acme, kNow);
  const auto second = GrantAt(acme, kNow + seconds(1));
  GrantAt(acme, kNow + seconds(2));
  EXPECT_EQ(Try(records::RevokeGrant{.record_id = NewRecord(),
                                     .organization_id = second.organization_id,
                                     .grant_id = second.grant.id,
                                     .revoked_at = kNow}),
            Code::kOk);
  GrantAt(acme, kNow + seconds(3));
  EXPECT_FALSE(IsRevoked(first));
}

TEST_P(RowLimits, TheOldestSessionEndsWithOneTooMany) {
  const auto first = s.SignIn(acme.user);
  const auto second = s.SignIn(acme.user);
  const auto third = s.SignIn(acme.user);
  const auto elsewhere = s.SignIn(globex.user);
  for (const auto& session : {first, second, elsewhere}) EXPECT_EQ(Try(session), Code::kOk);
  EXPECT_TRUE(IsSignedIn(first));
  EXPECT_EQ(Try(third), Code::kOk);
  EXPECT_FALSE(IsSignedIn(first));
  EXPECT_TRUE(IsSignedIn(second));
  EXPECT_TRUE(IsSignedIn(third));
  EXPECT_TRUE(IsSignedIn(elsewhere));
  const auto ended = EndedByLimit();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].event, AuditEvent::kSignedOut);
  EXPECT_EQ(ended[0].user_id, acme.user.row.id);
  EXPECT_EQ(ended[0].subject_id->bytes, first.session_id.bytes);
}

TEST_P(RowLimits, ASessionThatReplacesItsFormerEndsNoOther) {
  const auto first = s.SignIn(acme.user);
  const auto second = s.SignIn(acme.user);
  auto again = s.SignIn(acme.user);
  again.former_id = second.session_id;
  for (const auto& session : {first, second, again}) EXPECT_EQ(Try(session), Code::kOk);
  EXPECT_TRUE(IsSignedIn(first));
  EXPECT_TRUE(IsSignedIn(again));
}

TEST_P(RowLimits, AClientThatFillsItsShareStopsItselfAlone) {
  std::vector<records::CreateDeviceCode> made;
  EXPECT_EQ(FillWithCodes(acme, &made), Code::kDenied);
  ASSERT_EQ(made.size(), 4U);
  EXPECT_EQ(Try(made[0]), Code::kOk) << "sent again: it is there";
  EXPECT_EQ(Try(s.DeviceCode(globex)), Code::kOk);
  EXPECT_EQ(Try(s.Decision(acme, made[0])), Code::kOk) << "its old codes go on";
  EXPECT_EQ(Try(s.Redemption(acme, made[0])), Code::kOk);
  EXPECT_EQ(Try(s.DeviceCode(acme)), Code::kOk) << "and a decided one makes room";
  EXPECT_EQ(Try(s.DeviceCode(acme)), Code::kDenied);
}

TEST_P(RowLimits, AllTogetherHaveAnEndToo) {
  std::vector<records::CreateDeviceCode> made;
  EXPECT_EQ(FillWithCodes(acme, &made), Code::kDenied);
  EXPECT_EQ(FillWithCodes(globex, &made), Code::kFull);
  EXPECT_EQ(made.size(), 6U);
  EXPECT_EQ(Try(made[5]), Code::kOk) << "sent again: it is there";
  auto refusal = s.Decision(acme, made[0]);
  refusal.approve = false;
  EXPECT_EQ(Try(refusal), Code::kOk);
  EXPECT_EQ(Try(s.DeviceCode(globex)), Code::kOk);
}

// A room that networks share: a client has 160 codes, all together 320.
class SharedRoom : public StoreConformance {
 protected:
  SharedRoom() : StoreConformance({.live_codes_per_client = 160, .live_codes = 320}) {}

  Code TryFrom(const Tenant& of, const std::string& address) {
    auto code = s.DeviceCode(of);
    code.address = address;
    const Code result = Try(code);
    if (result == Code::kOk) made_.push_back(code);
    return result;
  }
  // How many of `count` codes the network gets.
  int GetFrom(const Tenant& of, const std::string& address, int count) {
    int given = 0;
    for (int i = 0; i < count; ++i) given += TryFrom(of, address) == Code::kOk;
    return given;
  }
  static std::string Address(int number) {
    return "198.51." + std::to_string(number / 250) + "." + std::to_string(number % 250);
  }

  std::vector<records::CreateDeviceCode> made_;
};
INSTANTIATE_FOR_EACH_STORE(SharedRoom);

TEST_P(SharedRoom, ANetworkGetsAnEighthOfWhatIsFreeAndLeavesTheRest) {
  EXPECT_EQ(GetFrom(acme, "192.0.2.1", 100), 18);
  EXPECT_EQ(TryFrom(acme, "192.0.2.1"), Code::kDenied);
  EXPECT_EQ(Try(made_[0]), Code::kOk) << "sent again: it is there";
  EXPECT_EQ(TryFrom(acme, "192.0.2.2"), Code::kOk);
  EXPECT_EQ(TryFrom(globex, "192.0.2.1"), Code::kOk) << "a room of its own";
  EXPECT_EQ(Try(s.Decision(acme, made_[0])), Code::kOk);
  EXPECT_EQ(TryFrom(acme, "192.0.2.1"), Code::kOk) << "a decided one makes room";
}

TEST_P(SharedRoom, AllNetworksOfAnIpv6SiteAreOne) {
  int given = 0;
  for (int i = 0; i < 100; ++i) {
    given += GetFrom(acme, "2001:db8:9:" + std::to_string(i) + "::1", 1);
  }
  EXPECT_EQ(given, 7);
  EXPECT_EQ(TryFrom(acme, "2001:db8:a::1"), Code::kOk) << "another site";
}

// Who leases a /36 has 4,096 sites, each of which would have a part of its own.
TEST_P(SharedRoom, AllSitesOfAnIpv6ProviderShareOnePart) {
  int given = 0;
  for (int round = 0; round < 3; ++round) {
    for (int site = 0; site < 100; ++site) {
      given += GetFrom(acme, "2001:db8:" + std::to_string(site) + "::1", 1);
    }
  }
  EXPECT_LE(given, 18);
  EXPECT_GE(given, 16);
  EXPECT_EQ(TryFrom(acme, "2001:db9:1::1"), Code::kOk) << "another provider";
  EXPECT_EQ(GetFrom(acme, "192.0.2.1", 100), 16) << "a ninth of what they left";
}

TEST_P(SharedRoom, APageOfAnotherSiteGetsAQuarterOfItsNetworksPart) {
  auto try_by_page = [&](const std::string& address) {
    auto code = s.DeviceCode(acme);
    code.address = address;
    code.is_by_page = true;
    return Try(code);
  };
  int given = 0;
  for (int i = 0; i < 100; ++i) given += try_by_page("192.0.2.1") == Code::kOk;
  EXPECT_EQ(given, 5);
  EXPECT_EQ(GetFrom(acme, "192.0.2.1", 100), 13) << "the rest of the part is for who asks himself";
  EXPECT_EQ(try_by_page("192.0.2.1"), Code::kDenied);
  EXPECT_EQ(try_by_page("192.0.2.2"), Code::kOk);
}

// By NAT64, 6to4 and Teredo all of the IPv4 Internet has a few sites.
TEST_P(SharedRoom, AnAddressThatStandsForAnIpv4OneIsThatOne) {
  EXPECT_EQ(GetFrom(acme, "192.0.2.1", 100), 18);
  for (const auto* address : {"::ffff:192.0.2.1", "64:ff9b::192.0.2.1", "2002:c000:201::1"}) {
    EXPECT_EQ(TryFrom(acme, address), Code::kDenied) << address;
  }
  EXPECT_EQ(TryFrom(acme, "64:ff9b::192.0.2.2"), Code::kOk);
}

TEST_P(SharedRoom, ManyNetworksThatFloodTogetherLeaveAPlaceForWhoHasNone) {
  for (int round = 0; round < 20; ++round) {
    for (int network = 0; network < 50; ++network) TryFrom(acme, Address(network));
  }
  EXPECT_LT(made_.size(), 160U);
  EXPECT_EQ(TryFrom(acme, "192.0.2.1"), Code::kOk);
  EXPECT_EQ(TryFrom(acme, Address(0)), Code::kDenied);
}

TEST_P(SharedRoom, IsFullOnceAsManyNetworksHoldItAsItHasPlaces) {
  for (int network = 0; network < 160; ++network) {
    EXPECT_EQ(TryFrom(acme, Address(network)), Code::kOk) << network;
  }
  EXPECT_EQ(TryFrom(acme, "192.0.2.1"), Code::kDenied);
}

TEST_P(SharedRoom, ANetworkGetsASixteenthOfWhatIsFreeOverAllClients) {
  EXPECT_EQ(GetFrom(acme, "192.0.2.1", 100) + GetFrom(globex, "192.0.2.1", 100), 19);
  EXPECT_EQ(TryFrom(globex, "192.0.2.1"), Code::kDenied);
  EXPECT_EQ(TryFrom(globex, "192.0.2.2"), Code::kOk);
}

TEST_P(RowLimits, WithinOneBatchHold) {
  std::vector<records::Write> writes;
  for (int i = 0; i < 9; ++i) writes.emplace_back(s.DeviceCode(acme));
  int made = 0;
  for (const WriteResult& result : Batch(writes)) made += result.code == Code::kOk;
  EXPECT_EQ(made, 4);
}

// A taken user code is drawn again; it took no room.
TEST_P(RowLimits, ACollisionTakesNoRoom) {
  const auto first = s.DeviceCode(acme);
  EXPECT_EQ(Try(first), Code::kOk);
  for (int i = 0; i < 10; ++i) {
    auto taken = s.DeviceCode(acme);
    taken.user_code = first.user_code;
    EXPECT_EQ(Try(taken), Code::kExists);
  }
  std::vector<records::CreateDeviceCode> made;
  EXPECT_EQ(FillWithCodes(acme, &made), Code::kDenied);
  EXPECT_EQ(made.size(), 3U);
}

}  // namespace
}  // namespace store_test
