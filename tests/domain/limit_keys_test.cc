#include "domain/limit_keys.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using domain::AccountKey;
using domain::LimitPurpose;
using domain::NetworkCount;
using domain::NetworkOf;

constexpr LimitPurpose kPurpose = LimitPurpose::kUserCodeForm;

template <class Tag>
base::Id<Tag> IdOf(std::uint8_t byte) {
  base::Id<Tag> id;
  id.bytes.fill(byte);
  return id;
}

std::string Text(std::string_view address) { return NetworkOf(address).text; }
std::string Site(std::string_view address) { return NetworkOf(address).site; }

TEST(NetworkOf, CutsIpv6ToItsNetworkOf64Bits) {
  EXPECT_EQ(Text("2001:db8:1:2::1"), Text("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(Text("2001:db8:1:2::1"), Text("2001:db8:1:3::1"));
}

TEST(NetworkOf, TakesEverySpellingOfAnAddressForTheSame) {
  EXPECT_EQ(Text("2001:DB8::1"), Text("2001:0db8:0000:0000:0000:0000:0000:0001"));
  EXPECT_EQ(Text("fe80::1%eth0"), Text("fe80::1"));
}

TEST(NetworkOf, TakesAMappedAddressForTheIpv4AddressItIs) {
  EXPECT_EQ(Text("::ffff:192.0.2.1"), Text("192.0.2.1"));
  EXPECT_EQ(Text("::ffff:c000:201"), Text("192.0.2.1"));
  EXPECT_NE(Text("::ffff:192.0.2.1"), Text("::ffff:192.0.2.2"));
  EXPECT_NE(Text("::ffff:192.0.2.1"), Text("::1"));
}

// All of the IPv4 Internet lies in one /64 of NAT64, all clients of a server in one of Teredo.
TEST(NetworkOf, TakesNat64And6to4AndTeredoForTheIpv4AddressTheyStandFor) {
  EXPECT_EQ(Text("64:ff9b::192.0.2.1"), Text("192.0.2.1"));
  EXPECT_EQ(Text("2002:c000:201:1234::5"), Text("192.0.2.1"));
  EXPECT_EQ(Text("2001:0:4136:e378:8000:63bf:3fff:fdfe"), Text("192.0.2.1"));
  for (const auto* address : {"64:ff9b::192.0.2.1", "2002:c000:201::1", "2001:0:4136:e378::1"}) {
    EXPECT_EQ(Site(address), "") << address;
  }
  EXPECT_NE(Text("64:ff9b:1::192.0.2.1"), Text("192.0.2.1")) << "a prefix of somebody's own";
  EXPECT_EQ(Text("2001:1::1").front(), '6') << "beside Teredo";
}

TEST(NetworkOf, KeepsIpv4Whole) { EXPECT_NE(Text("192.0.2.1"), Text("192.0.2.2")); }

TEST(NetworkOf, GivesOtherTextANetworkOfItsOwn) {
  const std::set<std::string> networks{Text(""),          Text("unix:"),      Text("192.0.2"),
                                       Text("192.0.2.1"), Text("192.0.2.01"), Text("::1")};
  EXPECT_EQ(networks.size(), 6U);
}

TEST(NetworkOf, CutsIpv6ToItsSiteOf48BitsAndIpv4HasNone) {
  EXPECT_EQ(Site("2001:db8:1:2::1"), Site("2001:db8:1:ffff::2"));
  EXPECT_NE(Site("2001:db8:1:2::1"), Site("2001:db8:2:2::1"));
  for (const auto* address : {"192.0.2.1", "::ffff:192.0.2.1", "unix:", ""}) {
    EXPECT_EQ(Site(address), "") << address;
  }
}

TEST(AccountKey, StartsAfreshAtAnUnlockAndKeepsTenantsApart) {
  const auto org = IdOf<records::OrganizationTag>(1);
  const auto user = IdOf<records::UserTag>(2);
  const auto key = [](auto o, auto u, std::int64_t unlocked_ms) {
    return AccountKey(LimitPurpose::kPasswordAccount, o, u, base::FromUnixMillis(unlocked_ms)).text;
  };
  EXPECT_EQ(key(org, user, 0), key(org, user, 0));
  EXPECT_NE(key(org, user, 0), key(org, user, 1));
  EXPECT_NE(key(org, user, 0), key(IdOf<records::OrganizationTag>(3), user, 0));
  EXPECT_NE(key(org, user, 0), key(org, IdOf<records::UserTag>(3), 0));
}

TEST(LimitKeys, OfDifferentKindsNeverMeet) {
  const auto org = IdOf<records::OrganizationTag>(1);
  const auto client = IdOf<records::ClientTag>(1);
  const auto other_client = IdOf<records::ClientTag>(2);
  std::set<std::string> keys;
  std::size_t made = 0;
  const auto add = [&](const domain::LimitKey& key) {
    EXPECT_EQ(key.purpose, kPurpose);
    keys.insert(key.text);
    ++made;
  };
  for (const std::string& network :
       {Text("192.0.2.1"), Text(""), Text("2001:db8::1"), Site("2001:db8::1"), Text("192.0.2.2")}) {
    for (const auto count :
         {NetworkCount::kEvents, NetworkCount::kEventsOfOthers, NetworkCount::kKeys}) {
      add(domain::NetworkKey(kPurpose, count, network, nullptr));
    }
    add(domain::NetworkKey(kPurpose, NetworkCount::kEvents, network, &client));
    add(domain::NetworkKey(kPurpose, NetworkCount::kEvents, network, &other_client));
  }
  add(AccountKey(kPurpose, org, IdOf<records::UserTag>(1), base::FromUnixMillis(0)));
  add(domain::UnknownAccountKey(kPurpose, org, ""));
  add(domain::UnknownAccountKey(kPurpose, org, "a@example.org"));
  add(domain::UnknownAccountKey(kPurpose, IdOf<records::OrganizationTag>(2), "a@example.org"));
  add(domain::BrowserKey(kPurpose, "a@example.org"));
  add(domain::GrantKey(kPurpose, IdOf<records::GrantTag>(1)));
  add(domain::ClientKey(kPurpose, client));
  add(domain::OrganizationKey(kPurpose, org));
  add(domain::GlobalKey(kPurpose));
  EXPECT_EQ(keys.size(), made);
}

}  // namespace
