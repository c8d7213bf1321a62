#include "oauth/limit_keys.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace oauth {

namespace {

constexpr std::size_t kNetworkBytes = 8;  // a /64
constexpr std::size_t kSiteBytes = 6;     // a /48
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// key := purpose, kind, then what it is counted by. Only the last part varies in length, and the
// kind says which parts there are, so different things never give the same text.
enum class Kind : std::uint8_t {
  kAddress,
  kAccount,
  kUnknownAccount,
  kBrowser,
  kClientAddress,
  kGlobal,
  kSite,
  kClientText,
  kClientSite,
  kSession
};

std::string Begin(std::string_view purpose, Kind kind) {
  std::string text(purpose);
  text.push_back('\0');
  text.push_back(static_cast<char>(kind));
  return text;
}

void Append(base::ByteView bytes, std::string* text) { text->append(base::AsText(bytes)); }

void AppendNumber(std::int64_t number, std::string* text) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    text->push_back(static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xffU));
  }
}

void AppendV4(base::ByteView bytes, std::string* text) {
  text->push_back('4');
  Append(bytes, text);
}

void AppendV6(const std::array<std::uint8_t, 16>& bytes, std::string* text) {
  const base::ByteView all(bytes);
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) {
    return AppendV4(all.subspan(kMappedPrefix.size()), text);
  }
  text->push_back('6');
  Append(all.first(kNetworkBytes), text);
}

void AppendNetwork(std::string_view address, std::string* text) {
  const std::string plain(address.substr(0, address.find('%')));
  std::array<std::uint8_t, 16> v6{};
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, plain.c_str(), v4.data()) == 1) return AppendV4(v4, text);
  if (inet_pton(AF_INET6, plain.c_str(), v6.data()) == 1) return AppendV6(v6, text);
  text->push_back('?');
  text->append(address);
}

// `begin` and the site of the address.
std::optional<std::uint64_t> KeyOfSite(std::string begin, std::string_view address) {
  if (address.find(':') == std::string_view::npos) return std::nullopt;
  std::string network;
  AppendNetwork(address, &network);
  if (network.front() != '6') return std::nullopt;
  return base::Hash64(begin.append(network, 1, kSiteBytes));
}

}  // namespace

std::uint64_t AddressKey(std::string_view purpose, std::string_view address) {
  std::string text = Begin(purpose, Kind::kAddress);
  AppendNetwork(address, &text);
  return base::Hash64(text);
}

std::optional<std::uint64_t> SiteKey(std::string_view purpose, std::string_view address) {
  return KeyOfSite(Begin(purpose, Kind::kSite), address);
}

std::optional<std::uint64_t> ClientSiteKey(std::string_view purpose, records::ClientRowId client,
                                           std::string_view address) {
  std::string text = Begin(purpose, Kind::kClientSite);
  Append(client.bytes, &text);
  return KeyOfSite(std::move(text), address);
}

std::uint64_t SessionKey(std::string_view purpose, records::SessionId session) {
  std::string text = Begin(purpose, Kind::kSession);
  Append(session.bytes, &text);
  return base::Hash64(text);
}

std::uint64_t AccountKey(std::string_view purpose, records::OrganizationId org,
                         records::UserId user, base::Time unlocked_at) {
  std::string text = Begin(purpose, Kind::kAccount);
  Append(org.bytes, &text);
  Append(user.bytes, &text);
  AppendNumber(base::ToUnixMillis(unlocked_at), &text);
  return base::Hash64(text);
}

std::uint64_t UnknownAccountKey(std::string_view purpose, records::OrganizationId org,
                                std::string_view email) {
  std::string text = Begin(purpose, Kind::kUnknownAccount);
  Append(org.bytes, &text);
  text.append(email);
  return base::Hash64(text);
}

std::uint64_t BrowserKey(std::string_view purpose, std::string_view session) {
  return base::Hash64(Begin(purpose, Kind::kBrowser).append(session));
}

std::uint64_t ClientTextKey(std::string_view purpose, records::ClientRowId client,
                            std::string_view said) {
  std::string text = Begin(purpose, Kind::kClientText);
  Append(client.bytes, &text);
  return base::Hash64(text.append(said));
}

std::uint64_t ClientAddressKey(std::string_view purpose, records::ClientRowId client,
                               std::string_view address) {
  std::string text = Begin(purpose, Kind::kClientAddress);
  Append(client.bytes, &text);
  AppendNetwork(address, &text);
  return base::Hash64(text);
}

std::uint64_t GlobalKey(std::string_view purpose) {
  return base::Hash64(Begin(purpose, Kind::kGlobal));
}

}  // namespace oauth
