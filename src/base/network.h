// The network that a client is counted by: an IPv4 address whole, an IPv6 address by its /64 (one
// subscriber's share). Plain values and pure functions, thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace base {

struct Network {
  enum class Family : std::uint8_t { kNone, kIpv4, kIpv6 };

  Family family = Family::kNone;
  std::array<std::uint8_t, 8> bytes{};  // the four of IPv4, then zeros; the /64 of IPv6

  bool operator==(const Network&) const = default;
};

// How an IPv6 address stands for an IPv4 one. nginx and nftables must know the same prefixes by
// themselves (nginx/http.conf, nftables/latchkey.nft); tests/networks.h is asked of all of them.
enum class Embedding : std::uint8_t {
  kNone,
  kMapped,     // ::ffff:0:0/96 (RFC 4291 §2.5.5.2)
  kNat64,      // 64:ff9b::/96 (RFC 6052 §2.1)
  kSixToFour,  // 2002::/16, then the IPv4 address (RFC 3056 §2)
  kTeredo      // 2001::/32, inverted at the end: its /64 is its server's (RFC 4380 §4)
};
Embedding EmbeddingOf(const std::array<std::uint8_t, 16>& address);

// An IPv6 address that stands for an IPv4 one is that one. A zone ("%eth0") is left out. Other text
// ("unix:", "") is kNone: nobody's network. No allocation.
Network NetworkOf(std::string_view address);

// What one customer has and no stranger shares: an IPv4 address whole (4 bytes), of an IPv6 one the /48
// (6). Empty: kNone, of which each caller says whose it is. A view of `network`.
inline std::span<const std::uint8_t> SiteBytes(const Network& network) {
  constexpr std::size_t kAddress = 4;
  constexpr std::size_t kSite = 6;
  const std::span<const std::uint8_t> bytes(network.bytes);
  switch (network.family) {
    case Network::Family::kIpv4:
      return bytes.first(kAddress);
    case Network::Family::kIpv6:
      return bytes.first(kSite);
    case Network::Family::kNone:
      break;
  }
  return {};
}

// "192.0.2.1", "2001:db8:0:1::/64"; empty: kNone.
std::string ToText(const Network& network);

}  // namespace base
