#include "oauth/limit_keys.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace oauth {

namespace {

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

constexpr std::size_t kNetworkBytes = 8;  // a /64
constexpr std::size_t kSiteBytes = 6;     // a /48

// IPv6 addresses that stand for an IPv4 one: how they begin, and where it is.
struct Embedding {
  std::array<std::uint8_t, 12> prefix;
  std::size_t prefix_bytes;
  std::size_t v4_at;
  std::uint8_t flip;  // Teredo inverts the bits (RFC 4380 §4)
};
constexpr std::array kEmbeddings{
    Embedding{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, 12, 0},  // RFC 4291 §2.5.5.2
    Embedding{{0, 0x64, 0xff, 0x9b}, 12, 12, 0},                       // RFC 6052 §2.1
    Embedding{{0x20, 0x02}, 2, 2, 0},                                  // RFC 3056 §2
    Embedding{{0x20, 0x01, 0, 0}, 4, 12, 0xff},                        // RFC 4380 §4
};

// key := kind, then what it is counted by. Only the last part varies in length, and the kind says
// which parts there are, so different things never give the same text.
enum class Kind : std::uint8_t {
  kNetwork,  // one for each NetworkCount
  kNetworkOfOthers,
  kNetworkKeys,
  kNetworkOfClient,
  kAccount,
  kUnknownAccount,
  kBrowser,
  kSession,
  kClient,
  kOrganization,
  kGlobal
};

LimitKey Begin(LimitPurpose purpose, Kind kind) {
  return {.purpose = purpose, .text = std::string(1, static_cast<char>(kind))};
}

LimitKey Make(LimitPurpose purpose, Kind kind, base::ByteView bytes) {
  LimitKey key = Begin(purpose, kind);
  key.text.append(base::AsText(bytes));
  return key;
}

void AppendNumber(std::int64_t number, std::string* text) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    text->push_back(static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xffU));
  }
}

std::string Text(char family, base::ByteView bytes) {
  return std::string(1, family).append(base::AsText(bytes));
}

Network NetworkOf(const V6& address) {
  const base::ByteView bytes(address);
  for (const Embedding& embedding : kEmbeddings) {
    if (!std::equal(address.begin(),
                    address.begin() + static_cast<std::ptrdiff_t>(embedding.prefix_bytes),
                    embedding.prefix.begin())) {
      continue;
    }
    V4 v4{};
    std::ranges::transform(
        bytes.subspan(embedding.v4_at, v4.size()), v4.begin(),
        [&](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ embedding.flip); });
    return {.text = Text('4', v4), .site = {}};
  }
  return {.text = Text('6', bytes.first(kNetworkBytes)),
          .site = Text('6', bytes.first(kSiteBytes))};
}

}  // namespace

Network NetworkOf(std::string_view address) {
  const std::string plain(address.substr(0, address.find('%')));
  V4 v4{};
  if (inet_pton(AF_INET, plain.c_str(), v4.data()) == 1) return {.text = Text('4', v4), .site = {}};
  V6 v6{};
  if (inet_pton(AF_INET6, plain.c_str(), v6.data()) == 1) return NetworkOf(v6);
  return {.text = Text('?', base::AsBytes(address)), .site = {}};
}

LimitKey NetworkKey(LimitPurpose purpose, NetworkCount count, std::string_view network,
                    const records::ClientRowId* client) {
  static_assert(static_cast<int>(Kind::kNetworkKeys) == static_cast<int>(NetworkCount::kKeys));
  LimitKey key =
      Begin(purpose, client == nullptr ? static_cast<Kind>(count) : Kind::kNetworkOfClient);
  if (client != nullptr) key.text.append(base::AsText(client->bytes));
  key.text.append(network);
  return key;
}

LimitKey AccountKey(LimitPurpose purpose, records::OrganizationId org, records::UserId user,
                    base::Time unlocked_at) {
  LimitKey key = Make(purpose, Kind::kAccount, org.bytes);
  key.text.append(base::AsText(user.bytes));
  AppendNumber(base::ToUnixMillis(unlocked_at), &key.text);
  return key;
}

LimitKey UnknownAccountKey(LimitPurpose purpose, records::OrganizationId org,
                           std::string_view email) {
  LimitKey key = Make(purpose, Kind::kUnknownAccount, org.bytes);
  key.text.append(email);
  return key;
}

LimitKey BrowserKey(LimitPurpose purpose, std::string_view session) {
  return Make(purpose, Kind::kBrowser, base::AsBytes(session));
}

LimitKey SessionKey(LimitPurpose purpose, records::SessionId session) {
  return Make(purpose, Kind::kSession, session.bytes);
}

LimitKey ClientKey(LimitPurpose purpose, records::ClientRowId client) {
  return Make(purpose, Kind::kClient, client.bytes);
}

LimitKey OrganizationKey(LimitPurpose purpose, records::OrganizationId org) {
  return Make(purpose, Kind::kOrganization, org.bytes);
}

LimitKey GlobalKey(LimitPurpose purpose) { return Begin(purpose, Kind::kGlobal); }

}  // namespace oauth
