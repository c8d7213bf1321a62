#include "base/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <span>

namespace base {

namespace {

constexpr std::size_t kLongestAddress = INET6_ADDRSTRLEN;  // its ending zero included
constexpr std::size_t kV4Bytes = 4;

// How the addresses of an embedding begin, and where the IPv4 one is.
struct Form {
  Embedding embedding;
  std::array<std::uint8_t, 12> prefix;
  std::size_t prefix_bytes;
  std::size_t v4_at;
  std::uint8_t flip;
};
constexpr std::array kForms{
    Form{Embedding::kMapped, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, 12, 0},
    Form{Embedding::kNat64, {0, 0x64, 0xff, 0x9b}, 12, 12, 0},
    Form{Embedding::kSixToFour, {0x20, 0x02}, 2, 2, 0},
    Form{Embedding::kTeredo, {0x20, 0x01, 0, 0}, 4, 12, 0xff},
};

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Four numbers without leading zeros, as inet_pton reads them. Most addresses are such, and each request is counted
// by its own: no copy, no call.
bool ReadV4(std::string_view text, std::array<std::uint8_t, 8>* bytes) {
  constexpr std::size_t kMostDigits = 3;
  std::size_t at = 0;
  for (std::size_t i = 0; i < kV4Bytes; ++i) {
    if (i > 0 && (at == text.size() || text[at++] != '.')) return false;
    const std::size_t begin = at;
    unsigned number = 0;
    for (; at < text.size() && at - begin < kMostDigits && IsDigit(text[at]); ++at) {
      number = number * 10 + static_cast<unsigned>(text[at] - '0');
    }
    if (at == begin || number > 0xff || (text[begin] == '0' && at - begin > 1)) return false;
    (*bytes)[i] = static_cast<std::uint8_t>(number);
  }
  return at == text.size();
}

// Null: it stands for itself.
const Form* FormOf(std::span<const std::uint8_t, 16> address) {
  for (const Form& form : kForms) {
    const std::span prefix(form.prefix.data(), form.prefix_bytes);
    if (std::ranges::equal(address.first(prefix.size()), prefix)) return &form;
  }
  return nullptr;
}

Network NetworkOfV6(const std::array<std::uint8_t, 16>& address) {
  const std::span<const std::uint8_t> bytes(address);
  Network network;
  if (const Form* const form = FormOf(address)) {
    network.family = Network::Family::kIpv4;
    std::ranges::transform(
        bytes.subspan(form->v4_at, kV4Bytes), network.bytes.begin(),
        [form](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ form->flip); });
    return network;
  }
  network.family = Network::Family::kIpv6;
  std::ranges::copy(bytes.first(network.bytes.size()), network.bytes.begin());
  return network;
}

}  // namespace

Embedding EmbeddingOf(const std::array<std::uint8_t, 16>& address) {
  const Form* const form = FormOf(address);
  return form == nullptr ? Embedding::kNone : form->embedding;
}

Network NetworkOf(std::string_view address) {
  if (Network v4; ReadV4(address, &v4.bytes)) {
    v4.family = Network::Family::kIpv4;
    return v4;
  }
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
