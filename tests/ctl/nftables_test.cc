#include "ctl/run/nftables.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "nginx_files.h"

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
  EXPECT_EQ(BoundsOf(settings).held, 400);
  EXPECT_TRUE(Has(table, "@new4 { ip saddr limit rate over 30/second burst 59 packets }")) << table;
  EXPECT_TRUE(Has(table, "tcp dport { 80, 443 }")) << table;
  EXPECT_FALSE(Has(table, "{{")) << table;
  EXPECT_TRUE(Has(table, NftablesMark(settings))) << table;
}

TEST(Nftables, TheLargerNetworkIsAskedFirst) {
  const std::string table = TableOf(base::Settings{});
  EXPECT_LT(table.find("@full48 reject"), table.find("@full64 reject"));
  EXPECT_LT(table.find("update @new48"), table.find("update @new64"));
}

TEST(Nftables, AddressesThatStandForIpv4AreCountedOneByOne) {
  const std::string table = TableOf(base::Settings{});
  EXPECT_TRUE(Has(table, "update @new64 { ip6 saddr limit rate over 119/second")) << table;
  EXPECT_TRUE(Has(table, "update @new64 { ip6 saddr and ::ffff:ffff limit rate over 119/second"))
      << table;
}

TEST(Nftables, ALimitThatIsOffIsNotThere) {
  base::Settings settings;
  settings.max_clients_per_address = 0;
  settings.requests_per_second_per_address = 0;
  const std::string table = TableOf(settings);
  EXPECT_EQ(BoundsOf(settings).held, 0);
  EXPECT_FALSE(Has(table, "limit rate over")) << table;
}

// Halves of heads live for client_header_timeout; the count of those that stand is late by a second.
TEST(Nftables, HalvesOfHeadsAloneStayWithinWhatMayStand) {
  constexpr std::int64_t kHeadSeconds = 5;
  EXPECT_TRUE(std::ranges::any_of(nginx::kFiles, [](const auto& file) {
    return Has(std::string(file.text), "client_header_timeout 5s;");
  }));
  for (const std::int64_t clients : {5, 8, 100, 250, 10000}) {
    for (const std::int64_t requests : {0, 1, 5, 200, 100000}) {
      base::Settings settings;
      settings.max_clients_per_address = clients;
      settings.requests_per_second_per_address = requests;
      const ConnectionBounds bounds = BoundsOf(settings);
      EXPECT_LE(bounds.new_together + kHeadSeconds * (bounds.new_per_second + 1), bounds.held);
      EXPECT_GE(bounds.new_per_second, 1);
      EXPECT_TRUE(requests == 0 || bounds.new_per_second <= requests);
    }
  }
}

TEST(Nftables, WithoutABoundOfThoseThatStandTheRateIsTheRequests) {
  base::Settings settings;
  settings.max_clients_per_address = 0;
  EXPECT_EQ(BoundsOf(settings).new_per_second, settings.requests_per_second_per_address);
  EXPECT_EQ(BoundsOf(settings).new_together, 2 * settings.requests_per_second_per_address);
}

// What writes into a set from a packet stands behind the proof of its sender alone.
TEST(Nftables, NoPacketWithoutAHandshakeMakesAnElement) {
  const std::string table = TableOf(base::Settings{});
  EXPECT_FALSE(Has(table, "ct count over")) << table;
  EXPECT_TRUE(Has(table, "ct status assured ct mark and $begun == $begun")) << table;
  EXPECT_EQ(table.find("jump clients"), table.rfind("jump clients")) << table;
  const std::size_t completed = table.find("chain completed");
  EXPECT_LT(completed, table.find("jump clients"));
  EXPECT_LT(table.find("jump clients"), table.find("chain", completed + 1));
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
