#include "oauth/limit_keys.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using oauth::AccountKey;
using oauth::AddressKey;
using oauth::ClientAddressKey;
using oauth::LimitPurpose;

constexpr std::string_view kPurpose = LimitPurpose::kUserCodeGuess;

template <class Tag>
base::Id<Tag> IdOf(std::uint8_t byte) {
  base::Id<Tag> id;
  id.bytes.fill(byte);
  return id;
}

std::uint64_t Key(std::string_view address) { return AddressKey(kPurpose, address); }

TEST(AddressKey, CutsIpv6ToItsNetworkOf64Bits) {
  EXPECT_EQ(Key("2001:db8:1:2::1"), Key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(Key("2001:db8:1:2::1"), Key("2001:db8:1:3::1"));
}

TEST(AddressKey, TakesEverySpellingOfAnAddressForTheSame) {
  EXPECT_EQ(Key("2001:DB8::1"), Key("2001:0db8:0000:0000:0000:0000:0000:0001"));
  EXPECT_EQ(Key("fe80::1%eth0"), Key("fe80::1"));
}

TEST(AddressKey, TakesAMappedAddressForTheIpv4AddressItIs) {
  EXPECT_EQ(Key("::ffff:192.0.2.1"), Key("192.0.2.1"));
  EXPECT_EQ(Key("::ffff:c000:201"), Key("192.0.2.1"));
  EXPECT_NE(Key("::ffff:192.0.2.1"), Key("::ffff:192.0.2.2"));
  EXPECT_NE(Key("::ffff:192.0.2.1"), Key("::1"));
}

TEST(AddressKey, KeepsIpv4Whole) { EXPECT_NE(Key("192.0.2.1"), Key("192.0.2.2")); }

TEST(AddressKey, GivesOtherTextAKeyOfItsOwn) {
  const std::set<std::uint64_t> keys{Key(""),          Key("unix:"),      Key("192.0.2"),
                                     Key("192.0.2.1"), Key("192.0.2.01"), Key("::1")};
  EXPECT_EQ(keys.size(), 6U);
}

TEST(AddressKey, KeepsPurposesApart) {
  EXPECT_NE(AddressKey(LimitPurpose::kPasswordGuess, "192.0.2.1"),
            AddressKey(LimitPurpose::kUserCodeGuess, "192.0.2.1"));
}

TEST(AccountKey, StartsAfreshAtAnUnlockAndKeepsTenantsApart) {
  const auto org = IdOf<records::OrganizationTag>(1);
  const auto user = IdOf<records::UserTag>(2);
  const auto key = [](auto o, auto u, std::int64_t unlocked_ms) {
    return AccountKey(LimitPurpose::kPasswordGuess, o, u, base::FromUnixMillis(unlocked_ms));
  };
  EXPECT_EQ(key(org, user, 0), key(org, user, 0));
  EXPECT_NE(key(org, user, 0), key(org, user, 1));
  EXPECT_NE(key(org, user, 0), key(IdOf<records::OrganizationTag>(3), user, 0));
  EXPECT_NE(key(org, user, 0), key(org, IdOf<records::UserTag>(3), 0));
}

TEST(LimitKeys, OfDifferentKindsNeverMeet) {
  const auto org = IdOf<records::OrganizationTag>(1);
  const std::set<std::uint64_t> keys{
      AddressKey(kPurpose, "192.0.2.1"),
      AddressKey(kPurpose, ""),
      AccountKey(kPurpose, org, IdOf<records::UserTag>(1), base::FromUnixMillis(0)),
      oauth::UnknownAccountKey(kPurpose, org, ""),
      oauth::UnknownAccountKey(kPurpose, org, "a@example.org"),
      oauth::UnknownAccountKey(kPurpose, IdOf<records::OrganizationTag>(2), "a@example.org"),
      oauth::BrowserKey(kPurpose, "a@example.org"),
      oauth::ClientTextKey(kPurpose, IdOf<records::ClientTag>(1), "192.0.2.1"),
      *oauth::SiteKey(kPurpose, "2001:db8::1"),
      *oauth::ClientSiteKey(kPurpose, IdOf<records::ClientTag>(1), "2001:db8::1"),
      oauth::SessionKey(kPurpose, IdOf<records::SessionTag>(1)),
      AddressKey(kPurpose, "2001:db8::1"),
      ClientAddressKey(kPurpose, IdOf<records::ClientTag>(1), "192.0.2.1"),
      ClientAddressKey(kPurpose, IdOf<records::ClientTag>(2), "192.0.2.1"),
      ClientAddressKey(kPurpose, IdOf<records::ClientTag>(1), "192.0.2.2"),
      oauth::GlobalKey(kPurpose),
      oauth::GlobalKey(LimitPurpose::kPasswordGuess)};
  EXPECT_EQ(keys.size(), 17U);
}

TEST(SiteKey, CutsIpv6ToItsSiteOf48BitsAndIsNoneForIpv4) {
  const auto site = [](std::string_view address) { return oauth::SiteKey(kPurpose, address); };
  EXPECT_EQ(site("2001:db8:1:2::1"), site("2001:db8:1:ffff::2"));
  EXPECT_NE(site("2001:db8:1:2::1"), site("2001:db8:2:2::1"));
  EXPECT_EQ(site("192.0.2.1"), std::nullopt);
  EXPECT_EQ(site("::ffff:192.0.2.1"), std::nullopt);
  EXPECT_EQ(site("unix:"), std::nullopt);
}

TEST(ClientAddressKey, CutsIpv6AsAddressKeyDoes) {
  const auto client = IdOf<records::ClientTag>(1);
  EXPECT_EQ(ClientAddressKey(kPurpose, client, "2001:db8::1"),
            ClientAddressKey(kPurpose, client, "2001:db8::2"));
}

}  // namespace
