#include "ctl/run/standing.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <iterator>
#include <regex>
#include <utility>

#include "base/network.h"
#include "base/os/unique_fd.h"
#include "base/settings.h"
#include "ctl/run/nginx_config.h"
#include "networks.h"

namespace ctl {
namespace {

constexpr ConnectionBounds kFour{.held = 4, .new_per_second = 1, .new_together = 2};

Peer PeerAt(const std::string& text) {
  Peer peer{.is_six = text.find(':') != std::string::npos, .address = {}};
  EXPECT_EQ(inet_pton(peer.is_six ? AF_INET6 : AF_INET, text.c_str(), peer.address.data()), 1);
  return peer;
}

std::vector<Peer> Times(std::size_t count, const std::string& text) {
  return std::vector<Peer>(count, PeerAt(text));
}

// The prefix that says for which IPv4 address it stands; of what stands for itself, none.
base::Embedding DressOf(const networks::Row& row) {
  const Peer peer = PeerAt(std::string(row.address));
  return peer.is_six ? base::EmbeddingOf(peer.address) : base::Embedding::kMapped;
}

TEST(Standing, WhoHasAsManyAsMayIsFull) {
  std::vector<Peer> peers = Times(4, "192.0.2.1");
  std::ranges::copy(Times(3, "192.0.2.2"), std::back_inserter(peers));
  EXPECT_EQ(FullNetworksOf(peers, kFour).four, std::vector<std::string>{"192.0.2.1"});
}

TEST(Standing, AnIpv6NetworkIsCountedForAllItsAddresses) {
  std::vector<Peer> peers = Times(2, "2001:db8:1:2::1");
  std::ranges::copy(Times(2, "2001:db8:1:2:3::9"), std::back_inserter(peers));
  const FullNetworks full = FullNetworksOf(peers, kFour);
  EXPECT_EQ(full.six, std::vector<std::string>{"2001:db8:1:2::"});
  EXPECT_TRUE(full.site.empty());
}

TEST(Standing, ASiteHasFourTimesAsMuch) {
  std::vector<Peer> peers;
  for (int network = 0; network < 16; ++network)
    peers.push_back(PeerAt("2001:db8:1:" + std::to_string(network) + "::1"));
  const FullNetworks full = FullNetworksOf(peers, kFour);
  EXPECT_EQ(full.site, std::vector<std::string>{"2001:db8:1::"});
  EXPECT_TRUE(full.six.empty());
  peers.pop_back();
  EXPECT_EQ(FullNetworksOf(peers, kFour), FullNetworks{});
}

TEST(Standing, AddressesThatStandForIpv4AreCountedOneByOne) {
  std::vector<Peer> peers = Times(4, "64:ff9b::192.0.2.1");
  std::ranges::copy(Times(3, "64:ff9b::192.0.2.2"), std::back_inserter(peers));
  std::ranges::copy(Times(4, "2001:0:53aa:64c:0:1:3fff:fdfe"), std::back_inserter(peers));
  std::ranges::copy(Times(3, "2001:0:53aa:64c:0:1:3fff:fdfd"), std::back_inserter(peers));
  const FullNetworks full = FullNetworksOf(peers, kFour);
  EXPECT_EQ(full.six, (std::vector<std::string>{"::63.255.253.254", "64:ff9b::c000:201"}));
  EXPECT_TRUE(full.site.empty());
}

// Below nginx one address of IPv4 has a share in each of its dresses, for a set of nftables holds one.
TEST(Standing, NetworksAreThoseOfAllOthers) {
  for (const networks::Row& row : networks::kRows) {
    if (row.address.starts_with("::ffff:")) continue;  // comes as IPv4
    const auto peers = Times(kSiteShare * 4, std::string(row.address));
    const FullNetworks full = FullNetworksOf(peers, kFour);
    EXPECT_EQ(full.four.size() + full.six.size(), 1U) << row.address;
    EXPECT_EQ(full.site.size(), row.site.empty() ? 0U : 1U) << row.address;
    for (const networks::Row& other : networks::kRows) {
      if (other.address.starts_with("::ffff:")) continue;
      std::vector<Peer> both = Times(2, std::string(row.address));
      std::ranges::copy(Times(2, std::string(other.address)), std::back_inserter(both));
      const bool is_one = !(FullNetworksOf(both, kFour) == FullNetworks{});
      EXPECT_EQ(is_one, row.network == other.network && DressOf(row) == DressOf(other))
          << row.address << " " << other.address;
    }
  }
}

// What the rules of a chain look a packet of `address` up by: the key in each set. The rules are those of
// `ip6 saddr [PREFIX/BITS ip6 saddr] [and MASK] @SET`.
std::vector<std::string> KeysOf(const std::string& chain, const std::string& address) {
  const std::regex rule(
      R"(ip6 saddr (?:([0-9a-f:]+)/(\d+) ip6 saddr )?(?:and ([0-9a-f:]+) )?@([a-z]+\d\d) )");
  const auto begin = std::sregex_iterator(chain.begin(), chain.end(), rule);
  std::vector<std::string> keys;
  for (auto found = begin; found != std::sregex_iterator(); ++found) {
    Peer peer = PeerAt(address);
    if ((*found)[1].matched) {
      const Peer prefix = PeerAt((*found)[1].str());
      const auto bytes = static_cast<std::ptrdiff_t>(std::stoul((*found)[2].str()) / 8);
      if (!std::equal(prefix.address.begin(), prefix.address.begin() + bytes, peer.address.begin()))
        continue;
    }
    if ((*found)[3].matched) {
      const Peer mask = PeerAt((*found)[3].str());
      std::ranges::transform(peer.address, mask.address, peer.address.begin(), std::bit_and<>());
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(AF_INET6, peer.address.data(), text.data(), text.size());
    keys.push_back((*found)[4].str() + " " + text.data());
  }
  return keys;
}

std::string ChainOf(const std::string& table, const std::string& name) {
  const std::size_t begin = table.find("  chain " + name + " {");
  EXPECT_NE(begin, std::string::npos) << name;
  return table.substr(begin, table.find("  }", begin) - begin);
}

TEST(Standing, TheTableLooksEachNetworkUpAsItIsCounted) {
  const auto table = RenderNftables(base::Settings{}, {80, 443});
  ASSERT_TRUE(table.ok());
  for (const networks::Row& row : networks::kRows) {
    const std::string address(row.address);
    if (address.find(':') == std::string::npos || address.starts_with("::ffff:")) continue;
    const FullNetworks full = FullNetworksOf(Times(kSiteShare * 4, address), kFour);
    for (const auto& [chain, set] :
         {std::pair("full", "full"), {"busy", "busy"}, {"late", "busy"}}) {
      const auto keys = KeysOf(ChainOf(*table, chain), address);
      const auto is_looked_up = [&keys, name = set](const std::string& key) {
        return std::ranges::find(keys, name + key) != keys.end();
      };
      EXPECT_TRUE(is_looked_up("64 " + full.six.front())) << chain << " " << address;
      EXPECT_TRUE(full.site.empty() || is_looked_up("48 " + full.site.front()))
          << chain << " " << address;
    }
  }
}

// Of new connections: the chain of its prefix counts it by the same key, and a site beside it if it is of one.
TEST(Standing, NewConnectionsAreCountedByTheSame) {
  const auto table = RenderNftables(base::Settings{}, {80, 443});
  ASSERT_TRUE(table.ok());
  const std::string clients = ChainOf(*table, "clients");
  for (const networks::Row& row : networks::kRows) {
    const std::string address(row.address);
    if (address.find(':') == std::string::npos || address.starts_with("::ffff:")) continue;
    const std::regex jump(R"(ip6 saddr ([0-9a-f:]+)/(\d+) goto ([a-z0-9]+))");
    std::string chain = "six";
    for (auto it = std::sregex_iterator(clients.begin(), clients.end(), jump);
         it != std::sregex_iterator(); ++it) {
      const Peer prefix = PeerAt((*it)[1].str());
      const auto bytes = static_cast<std::ptrdiff_t>(std::stoul((*it)[2].str()) / 8);
      if (std::equal(prefix.address.begin(), prefix.address.begin() + bytes,
                     PeerAt(address).address.begin())) {
        chain = (*it)[3].str();
        break;
      }
    }
    // "update @new64 { ip6 saddr and MASK limit …": as a rule of the form that KeysOf reads.
    const std::string rules = std::regex_replace(
        ChainOf(*table, chain),
        std::regex(R"(update @(new\d\d) \{ (ip6 saddr [0-9a-f:and ]*)limit)"), "$2@$1 ");
    const FullNetworks full = FullNetworksOf(Times(kSiteShare * 4, address), kFour);
    std::vector<std::string> expected;
    if (!full.site.empty()) expected.push_back("new48 " + full.site.front());
    expected.push_back("new64 " + full.six.front());
    EXPECT_EQ(KeysOf(rules, address), expected) << address;
  }
}

TEST(Standing, WithoutALimitNobodyIsFull) {
  EXPECT_EQ(FullNetworksOf(Times(9, "192.0.2.1"), ConnectionBounds{}), FullNetworks{});
}

TEST(Standing, TheSetsHoldTheFullAndNothingElse) {
  EXPECT_EQ(ElementsOf({.four = {"192.0.2.1", "192.0.2.2"}, .site = {}, .six = {"2001:db8::"}}),
            "flush set inet latchkey full4\n"
            "add element inet latchkey full4 { 192.0.2.1, 192.0.2.2 }\n"
            "flush set inet latchkey full48\n"
            "flush set inet latchkey full64\n"
            "add element inet latchkey full64 { 2001:db8:: }\n");
}

// A listener on a free port of loopback, and connections to it.
class Listener {
 public:
  explicit Listener(int family) : family_(family), fd_(::socket(family, SOCK_STREAM, 0)) {
    sockaddr_storage address = Address();
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd_.get(), 8), 0);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address_), &size), 0);
  }

  base::UniqueFd Connect() const {
    base::UniqueFd client(::socket(family_, SOCK_STREAM, 0));
    EXPECT_EQ(
        ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_), 0);
    return client;
  }

  std::int64_t port() const {
    sockaddr_in6 six{};
    std::memcpy(&six, &address_, sizeof six);
    return ntohs(six.sin6_port);  // where IPv4 has it too
  }

 private:
  sockaddr_storage Address() const {
    sockaddr_storage storage{};
    if (family_ == AF_INET6) {
      const sockaddr_in6 six{.sin6_family = AF_INET6,
                             .sin6_port = 0,
                             .sin6_flowinfo = 0,
                             .sin6_addr = in6addr_any,
                             .sin6_scope_id = 0};
      std::memcpy(&storage, &six, sizeof six);
    } else {
      sockaddr_in four{};
      four.sin_family = AF_INET;
      four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      std::memcpy(&storage, &four, sizeof four);
    }
    return storage;
  }

  int family_;
  base::UniqueFd fd_;
  sockaddr_storage address_{};
};

TEST(Standing, ConnectionsToThePortAreSeenAcceptedOrNot) {
  const Listener listener(AF_INET);
  const Listener other(AF_INET);
  const base::UniqueFd first = listener.Connect();
  const base::UniqueFd second = listener.Connect();
  const base::UniqueFd elsewhere = other.Connect();
  const auto peers = StandingPeers({listener.port()});
  ASSERT_TRUE(peers.ok()) << peers.error().message();
  ASSERT_EQ(peers->size(), 2U);
  EXPECT_EQ(peers->front().address, PeerAt("127.0.0.1").address);
  EXPECT_FALSE(peers->front().is_six);
}

TEST(Standing, AListenerIsNoConnection) {
  const Listener listener(AF_INET);
  const auto peers = StandingPeers({listener.port()});
  ASSERT_TRUE(peers.ok()) << peers.error().message();
  EXPECT_TRUE(peers->empty());
}

TEST(Standing, Ipv4ThatComesToAnIpv6SocketIsIpv4) {
  const Listener both(AF_INET6);
  const base::UniqueFd client(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  four.sin_port = htons(static_cast<std::uint16_t>(both.port()));
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&four), sizeof four), 0);
  const auto peers = StandingPeers({both.port()});
  ASSERT_TRUE(peers.ok()) << peers.error().message();
  ASSERT_EQ(peers->size(), 1U);
  EXPECT_FALSE(peers->front().is_six);
  EXPECT_EQ(peers->front().address, PeerAt("127.0.0.1").address);
}

}  // namespace
}  // namespace ctl
