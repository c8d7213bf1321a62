// Keys of the bounded counters (RateLimits): what is counted and for whom, as bytes that no two
// different things share. Strangers choose some of them, so whoever keeps counts by them hashes them
// under a secret (shm/). Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "records/ids.h"

namespace domain {

// What is counted. Each has room of its own, which a flood of another cannot fill.
enum class LimitPurpose : std::uint8_t {
  kUserCodeForm,       // wrong user codes in forms, by address; in all
  kUserCodeLink,       // wrong user codes in links that a browser followed, by address
  kUserCodeBrowser,    // both, by browser
  kPasswordAddress,    // wrong passwords, by address
  kPasswordAccount,    // wrong passwords, by account
  kDeviceCode,         // device codes issued, by client and address
  kUnknownDeviceCode,  // by address
  kRefresh,            // by grant, by account
  kAssertion,          // client assertions, by client; remembered ones, by organization
  kSignIn,             // right passwords, by account
  kDecision,           // device codes approved or refused, by account
  kCount
};

struct LimitKey {
  LimitPurpose purpose = LimitPurpose::kCount;
  std::string text;
};

// An address as it is counted (base/network.h); text that is no address ("unix:", "") is a network of
// its own.
struct Network {
  std::string text;
  std::string site;  // the /48 around it, of which one customer has all 65,536; empty: none
  // The /32 around that, which a registry gives; who leases a part of it has thousands of sites.
  std::string provider;
};
Network NetworkOf(std::string_view address);

// What is counted of a network or a site.
enum class NetworkCount : std::uint8_t {
  kEvents,          // of one client, or all
  kEventsOfOthers,  // of all clients that have no key of their own
  kKeys,            // that it made
};
// `network`: its text, or that of a site. `client`: null where all are counted together.
LimitKey NetworkKey(LimitPurpose purpose, NetworkCount count, std::string_view network,
                    const records::ClientRowId* client);

// By account. `unlocked_at` is part of the key, so that an operator's unlock starts a fresh count.
LimitKey AccountKey(LimitPurpose purpose, records::OrganizationId org, records::UserId user,
                    base::Time unlocked_at);

// By a sign-in name that belongs to no account: it must run into the same limit, or the limit would
// tell which names exist. `email` in lower case.
LimitKey UnknownAccountKey(LimitPurpose purpose, records::OrganizationId org,
                           std::string_view email);

// By a browser, of which `session` is the secret of its cookie or a hash of that.
LimitKey BrowserKey(LimitPurpose purpose, std::string_view session);

LimitKey GrantKey(LimitPurpose purpose, records::GrantId grant);
LimitKey ClientKey(LimitPurpose purpose, records::ClientRowId client);
LimitKey OrganizationKey(LimitPurpose purpose, records::OrganizationId org);

// All events of this kind on this server.
LimitKey GlobalKey(LimitPurpose purpose);

}  // namespace domain
