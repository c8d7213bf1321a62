#include "ctl/run/nftables.h"

#include <gtest/gtest.h>

namespace ctl {
namespace {

std::string TableOf(const base::Settings& settings) {
  const auto table = RenderNftables(settings, {80, 443});
  EXPECT_TRUE(table.ok());
  return table.ok() ? *table : std::string();
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Nftables, NumbersComeFromTheSettings) {
  base::Settings settings;
  settings.max_clients_per_address = 100;
  settings.requests_per_second_per_address = 30;
  const std::string table = TableOf(settings);
  EXPECT_TRUE(Has(table, "@held4 { ip saddr ct count over 400 }")) << table;
  EXPECT_TRUE(Has(table, "@held48 { ip6 saddr and ffff:ffff:ffff:: ct count over 1600 }")) << table;
  EXPECT_TRUE(Has(table, "@new4 { ip saddr limit rate over 30/second burst 60 packets }")) << table;
  EXPECT_TRUE(Has(table, "tcp dport { 80, 443 }")) << table;
  EXPECT_FALSE(Has(table, "{{")) << table;
  EXPECT_TRUE(Has(table, NftablesMark(settings))) << table;
}

TEST(Nftables, TheLargerNetworkIsAskedFirst) {
  const std::string table = TableOf(base::Settings{});
  EXPECT_LT(table.find("add @held48"), table.find("add @held64"));
  EXPECT_LT(table.find("update @new48"), table.find("update @new64"));
}

TEST(Nftables, AddressesThatStandForIpv4AreCountedOneByOne) {
  const std::string table = TableOf(base::Settings{});
  EXPECT_TRUE(Has(table, "add @held64 { ip6 saddr ct count over 1000 }")) << table;
  EXPECT_TRUE(Has(table, "add @held64 { ip6 saddr and ::ffff:ffff ct count over 1000 }")) << table;
}

TEST(Nftables, ALimitThatIsOffIsNotThere) {
  base::Settings settings;
  settings.max_clients_per_address = 0;
  settings.requests_per_second_per_address = 0;
  const std::string table = TableOf(settings);
  EXPECT_FALSE(Has(table, "ct count over")) << table;
  EXPECT_FALSE(Has(table, "limit rate over")) << table;
}

TEST(Nftables, ProxiesAreExempt) {
  base::Settings settings;
  settings.trusted_proxies = "10.0.0.1 2001:db8::/32 192.168.0.0/16";
  const std::string table = TableOf(settings);
  EXPECT_TRUE(Has(table, "{ 127.0.0.0/8, 10.0.0.1, 192.168.0.0/16 }")) << table;
  EXPECT_TRUE(Has(table, "{ ::1, 2001:db8::/32 }")) << table;
}

TEST(Nftables, TheMarkChangesWithEachNumber) {
  const base::Settings usual;
  base::Settings other = usual;
  EXPECT_EQ(NftablesMark(usual), NftablesMark(other));
  other.max_clients_per_address += 1;
  EXPECT_NE(NftablesMark(usual), NftablesMark(other));
  other = usual;
  other.requests_per_second_per_address += 1;
  EXPECT_NE(NftablesMark(usual), NftablesMark(other));
  other = usual;
  other.trusted_proxies = "10.0.0.1";
  EXPECT_NE(NftablesMark(usual), NftablesMark(other));
}

}  // namespace
}  // namespace ctl
