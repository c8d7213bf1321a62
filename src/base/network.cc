#include "base/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

namespace base {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kLongestAddress = INET6_ADDRSTRLEN;  // its ending zero included

Network NetworkOfV6(const std::array<std::uint8_t, 16>& address) {
  Network network;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin())) {
    network.family = Network::Family::kIpv4;
    std::copy(address.begin() + kMappedPrefix.size(), address.end(), network.bytes.begin());
  } else {
    network.family = Network::Family::kIpv6;
    std::copy_n(address.begin(), network.bytes.size(), network.bytes.begin());
  }
  return network;
}

}  // namespace

Network NetworkOf(std::string_view address) {
  address = address.substr(0, address.find('%'));
  std::array<char, kLongestAddress> text{};  // ends with a zero, as inet_pton wants it
  if (address.size() >= text.size() || address.find('\0') != std::string_view::npos) return {};
  std::ranges::copy(address, text.begin());
  if (address.find(':') == std::string_view::npos) {
    Network network;
    if (inet_pton(AF_INET, text.data(), network.bytes.data()) != 1) return {};
    network.family = Network::Family::kIpv4;
    return network;
  }
  std::array<std::uint8_t, 16> v6{};
  return inet_pton(AF_INET6, text.data(), v6.data()) == 1 ? NetworkOfV6(v6) : Network{};
}

std::string ToText(const Network& network) {
  if (network.family == Network::Family::kNone) return {};
  std::array<std::uint8_t, 16> address{};
  std::ranges::copy(network.bytes, address.begin());
  std::array<char, kLongestAddress> text{};
  const bool is_v4 = network.family == Network::Family::kIpv4;
  inet_ntop(is_v4 ? AF_INET : AF_INET6, address.data(), text.data(), text.size());
  return std::string(text.data()) + (is_v4 ? "" : "/64");
}

}  // namespace base
