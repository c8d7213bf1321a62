#include "domain/limit_keys.h"

#include "base/bytes.h"
#include "base/network.h"

namespace domain {

namespace {

constexpr std::size_t kProviderBytes = 4;  // a /32

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
  kGrant,
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

}  // namespace

Network NetworkOf(std::string_view address) {
  const base::Network network = base::NetworkOf(address);
  const base::ByteView bytes(network.bytes);
  switch (network.family) {
    case base::Network::Family::kIpv4:
      return {.text = Text('4', base::SiteBytes(network)), .site = {}, .provider = {}};
    case base::Network::Family::kIpv6:
      return {.text = Text('6', bytes),
              .site = Text('6', base::SiteBytes(network)),
              .provider = Text('6', bytes.first(kProviderBytes))};
    case base::Network::Family::kNone:
      break;
  }
  return {.text = Text('?', base::AsBytes(address)), .site = {}, .provider = {}};
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

LimitKey GrantKey(LimitPurpose purpose, records::GrantId grant) {
  return Make(purpose, Kind::kGrant, grant.bytes);
}

LimitKey ClientKey(LimitPurpose purpose, records::ClientRowId client) {
  return Make(purpose, Kind::kClient, client.bytes);
}

LimitKey OrganizationKey(LimitPurpose purpose, records::OrganizationId org) {
  return Make(purpose, Kind::kOrganization, org.bytes);
}

LimitKey GlobalKey(LimitPurpose purpose) { return Begin(purpose, Kind::kGlobal); }

}  // namespace domain
