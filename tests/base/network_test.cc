#include "base/network.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "networks.h"

namespace {

using base::Network;
using base::NetworkOf;
using base::ToText;

TEST(Network, OfIpv4IsTheAddressWhole) {
  EXPECT_EQ(ToText(NetworkOf("203.0.113.9")), "203.0.113.9");
  EXPECT_NE(NetworkOf("203.0.113.9"), NetworkOf("203.0.113.10"));
}

TEST(Network, OfIpv4IsWhatInetPtonReads) {
  for (const std::string text :
       {"0.0.0.0",  "255.255.255.255", "1.2.3.4",   "10.20.30.40", "192.0.2.100", "01.2.3.4",
        "1.2.3.00", "256.1.1.1",       "1.1.1.256", "1.2.3",       "1.2.3.",      ".1.2.3",
        "1..2.3",   "1.2.3.4.",        "1.2.3.4.5", "1.2.3.4 ",    " 1.2.3.4",    "1.2.3.0004",
        "1.2.3.+4", "1.2.3.-4",        "0x1.2.3.4", "1234",        "999.1.1.1",   "1,2,3,4",
        ""}) {
    std::array<std::uint8_t, 4> expected{};
    const bool is_address = inet_pton(AF_INET, text.c_str(), expected.data()) == 1;
    const base::Network network = NetworkOf(text);
    EXPECT_EQ(network.family == base::Network::Family::kIpv4, is_address) << text;
    if (!is_address) continue;
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), network.bytes.begin())) << text;
    EXPECT_EQ(NetworkOf("::ffff:" + text), network) << text;
  }
  EXPECT_EQ(NetworkOf(std::string_view("1.2.3.4\0", 8)), base::Network{});
}

TEST(Network, OfIpv6IsItsSubnetOf64Bits) {
  EXPECT_EQ(NetworkOf("2001:db8:0:1::1"), NetworkOf("2001:db8:0:1:ffff:ffff:ffff:ffff"));
  EXPECT_NE(NetworkOf("2001:db8:0:1::1"), NetworkOf("2001:db8:0:2::1"));
  EXPECT_EQ(ToText(NetworkOf("2001:db8:0:1::1")), "2001:db8:0:1::/64");
}

TEST(Network, OfIpv4MappedIpv6IsTheIpv4Address) {
  EXPECT_EQ(NetworkOf("::ffff:203.0.113.9"), NetworkOf("203.0.113.9"));
  EXPECT_EQ(NetworkOf("::ffff:cb00:7109"), NetworkOf("203.0.113.9"));
}

TEST(Network, OfIpv6ThatStandsForAnIpv4AddressIsThatOne) {
  EXPECT_EQ(NetworkOf("64:ff9b::203.0.113.9"), NetworkOf("203.0.113.9"));         // NAT64
  EXPECT_EQ(NetworkOf("2002:cb00:7109::1"), NetworkOf("203.0.113.9"));            // 6to4
  EXPECT_EQ(NetworkOf("2001:0:5ef5:79fb::34ff:8ef6"), NetworkOf("203.0.113.9"));  // Teredo
  EXPECT_NE(NetworkOf("2001:1:5ef5:79fb::34ff:8ef6"), NetworkOf("203.0.113.9"));
}

TEST(Network, OfEachAddressIsWhatAllOthersCountItBy) {
  for (const networks::Row& row : networks::kRows) {
    const Network network = NetworkOf(row.address);
    EXPECT_EQ(ToText(network), row.network) << row.address;
    if (row.site.empty()) {
      EXPECT_EQ(base::SiteBytes(network).size(), 4U) << row.address;
      continue;
    }
    const std::string site = std::string(row.site.substr(0, row.site.find('/')));
    std::array<std::uint8_t, 16> bytes{};
    ASSERT_EQ(inet_pton(AF_INET6, site.c_str(), bytes.data()), 1);
    EXPECT_TRUE(std::ranges::equal(base::SiteBytes(network), std::span(bytes).first(6))) << site;
  }
  EXPECT_TRUE(base::SiteBytes(NetworkOf("unix:")).empty());
}

TEST(Network, LeavesAZoneOut) { EXPECT_EQ(NetworkOf("fe80::1%eth0"), NetworkOf("fe80::2")); }

TEST(Network, OfWhatIsNoAddressIsNobodys) {
  for (const std::string& text :
       {std::string("unix:"), std::string(), std::string("203.0.113"), std::string("203.0.113.9 "),
        std::string("::1::2"), std::string(46, '1'), std::string("1:") + std::string(500, '0'),
        std::string("203.0.113.9\0", 12)}) {
    EXPECT_EQ(NetworkOf(text), Network{}) << text;
    EXPECT_EQ(ToText(NetworkOf(text)), "");
  }
}

}  // namespace
