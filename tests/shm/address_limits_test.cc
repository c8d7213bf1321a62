// The domain's limits by address over the real shared memory: what a flood leaves to others.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/bytes.h"
#include "domain/guess_budget.h"
#include "oauth/world.h"
#include "shm/shared_table.h"
#include "shm/slots_testing.h"

namespace {

using domain::LimitPurpose;
using domain::NetworkBudget;
using testing_shm::seconds;

constexpr int kLimit = 20;
constexpr int kNetworks = 65'536;

std::string NetworkOfSite(int network) {
  const std::array bytes{static_cast<std::uint8_t>(network >> 8),
                         static_cast<std::uint8_t>(network)};
  return "2001:db8:9:" + base::HexEncode(bytes) + "::1";
}

class AddressLimits : public testing::Test {
 protected:
  AddressLimits() : tables_(Opened()) {}

  std::unique_ptr<shm::SharedTables> Opened() {
    auto tables = shm::SharedTables::Open(folder_.Path("shared.tables"), world_.random);
    EXPECT_TRUE(tables.ok()) << tables.status().ToString();
    return std::move(*tables);
  }
  bool TakesCode(const std::string& address, std::uint8_t client) {
    const auto id = testing_oauth::MakeId<records::ClientRowId>(client);
    const NetworkBudget budget(LimitPurpose::kDeviceCode, address, id,
                               {.limit = kLimit, .window = seconds(900)});
    return !budget.Take(ports_);
  }
  int CodesOf(const std::string& address, std::uint8_t client, int asked) {
    int taken = 0;
    for (int i = 0; i < asked; ++i) taken += TakesCode(address, client) ? 1 : 0;
    return taken;
  }
  // Wrong guesses that are answered, of so many.
  int GuessesOf(LimitPurpose purpose, const std::string& address, int asked) {
    const NetworkBudget budget(purpose, address, {.limit = kLimit, .window = seconds(900)});
    int tried = 0;
    for (int i = 0; i < asked; ++i) {
      if (budget.SpentFor(ports_)) continue;
      ++tried;
      budget.Take(ports_);
    }
    return tried;
  }

  testing_shm::TempFolder folder_;
  testing_oauth::World world_;
  std::unique_ptr<shm::SharedTables> tables_;
  domain::Ports ports_{.settings = world_.settings,
                       .clock = world_.clock,
                       .directory = world_.rows,
                       .reader = world_.rows,
                       .random = world_.random,
                       .ids = world_.ids,
                       .hashes = world_.hashes,
                       .signer = world_.signer,
                       .polls = tables_->polls(),
                       .limits = tables_->limits(),
                       .assertions = world_.assertions,
                       .used_jtis = tables_->used_jtis()};
};

// 65,536 networks of a /48, four clients each: 262,144 requests, twice what a section holds.
TEST_F(AddressLimits, AFloodFromOneIpv6SiteTurnsNobodysQuotaOff) {
  for (std::uint8_t client = 1; client <= 4; ++client) {
    int given = 0;
    for (int network = 0; network < kNetworks; ++network) {
      given += TakesCode(NetworkOfSite(network), client) ? 1 : 0;
    }
    EXPECT_EQ(given, 16 * kLimit) << "client " << int{client};
  }
  for (std::uint8_t client = 1; client <= 4; ++client) {
    EXPECT_EQ(CodesOf("192.0.2.77", client, 3 * kLimit), kLimit) << "far away";
    EXPECT_EQ(CodesOf("2001:db8:77::1", client, 3 * kLimit), kLimit);
  }
  for (int browser = 0; browser < 100; ++browser) {
    const domain::KeyBudget budget(
        domain::BrowserKey(LimitPurpose::kUserCodeBrowser, std::to_string(browser)), 5,
        seconds(900));
    int let = 0;
    for (int i = 0; i < 12; ++i) let += budget.Take(ports_) ? 0 : 1;
    EXPECT_EQ(let, 5);
  }
}

// As many sites as a customer has of a /40, and as many clients as somebody may know.
TEST_F(AddressLimits, TwoHundredSitesWithHundredClientsFillNoSection) {
  for (int site = 0; site < 200; ++site) {
    for (int network = 0; network < 100; ++network) {
      const std::string address =
          "2001:db8:" + std::to_string(site) + ":" + std::to_string(network) + "::1";
      for (std::uint8_t client = 1; client <= 100; ++client) TakesCode(address, client);
    }
  }
  EXPECT_EQ(CodesOf("192.0.2.77", 1, 3 * kLimit), kLimit);
}

// Who leases a /36 has 4,096 sites, and 66 networks of each made keys: the section of guesses was full, which refuses.
TEST_F(AddressLimits, AProviderFillsNoSectionOfGuesses) {
  for (const LimitPurpose purpose :
       {LimitPurpose::kUserCodeForm, LimitPurpose::kUserCodeLink, LimitPurpose::kPasswordAddress}) {
    for (int site = 0; site < 4096; ++site) {
      const std::array bytes{static_cast<std::uint8_t>(site >> 8), static_cast<std::uint8_t>(site)};
      for (int network = 0; network < 66; ++network) {
        GuessesOf(purpose,
                  "2001:db8:" + base::HexEncode(bytes) + ":" + std::to_string(network) + "::1", 1);
      }
    }
    int served = 0;
    for (int i = 0; i < 256; ++i) {
      served += GuessesOf(purpose, "198.51.100." + std::to_string(i), 1);
      served += GuessesOf(purpose, "2001:db9:" + std::to_string(i) + "::1", 1);
    }
    EXPECT_EQ(served, 512) << "nobody else is refused";
    EXPECT_LE(GuessesOf(purpose, "2001:db8:ffff::1", 30), kLimit)
        << "and the provider's others are counted";
  }
}

TEST_F(AddressLimits, SitesOfAProviderThatHaveNoKeyShareABudget) {
  for (int site = 0; site < NetworkBudget::kSitesOfAProvider; ++site) {
    EXPECT_EQ(GuessesOf(LimitPurpose::kUserCodeForm, "2001:db8:" + std::to_string(site) + "::1", 1),
              1);
  }
  std::int64_t tried = 0;
  for (int site = 1000; site < 9000; ++site) {
    tried += GuessesOf(LimitPurpose::kUserCodeForm, "2001:db8:" + std::to_string(site) + "::1", 3);
  }
  EXPECT_EQ(tried, NetworkBudget::kSitesOfAProvider * NetworkBudget::kNetworksOfASite * kLimit);
  EXPECT_EQ(GuessesOf(LimitPurpose::kUserCodeForm, "2001:db8:1::1", 100), kLimit - 1)
      << "who has a key keeps it";
  EXPECT_EQ(GuessesOf(LimitPurpose::kUserCodeForm, "2001:db9::1", 1), 1);
}

TEST_F(AddressLimits, EachPurposeKeepsCountWhateverASiteDoes) {
  for (const auto purpose : {LimitPurpose::kUserCodeForm, LimitPurpose::kUserCodeLink,
                             LimitPurpose::kPasswordAddress, LimitPurpose::kUnknownDeviceCode}) {
    int tried = 0;
    for (int network = 0; network < kNetworks; ++network) {
      tried += GuessesOf(purpose, NetworkOfSite(network), 2);
    }
    EXPECT_EQ(tried, 16 * kLimit);
    EXPECT_EQ(GuessesOf(purpose, "192.0.2.77", 3 * kLimit), kLimit);
    EXPECT_EQ(GuessesOf(purpose, "2001:db8:77::1", 3 * kLimit), kLimit);
  }
}

// NAT64, 6to4 and Teredo: the networks are an IPv4 address each, and share its budget with it.
TEST_F(AddressLimits, AnIpv4AddressHasOneBudgetHoweverItComes) {
  for (const char* address : {"192.0.2.1", "::ffff:192.0.2.1", "64:ff9b::192.0.2.1",
                              "2002:c000:201:7::1", "2001:0:4136:e378:8000:63bf:3fff:fdfe"}) {
    CodesOf(address, 1, kLimit / 5);
  }
  EXPECT_FALSE(TakesCode("192.0.2.1", 1));
  EXPECT_TRUE(TakesCode("64:ff9b::192.0.2.2", 1)) << "another IPv4 address behind the same NAT64";
}

}  // namespace
