// Keys of the bounded counters (RateLimits): 64-bit hashes of what is counted and for whom. Each
// counter has its own keys, so that one never draws on another. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "records/ids.h"

namespace oauth {

// What is counted.
struct LimitPurpose {
  static constexpr std::string_view kUserCodeGuess = "user_code";
  static constexpr std::string_view kPasswordGuess = "password";
  static constexpr std::string_view kDeviceCodeIssue = "device_codes";
  static constexpr std::string_view kUnknownDeviceCode = "unknown_device_codes";
  static constexpr std::string_view kRefresh = "refreshes";
  static constexpr std::string_view kJti = "jti";
};

// By network address: IPv4 whole, IPv6 by its /64 (one subscriber's share), IPv4-mapped IPv6
// (::ffff:192.0.2.1) as the IPv4 address it is. A zone ("%eth0") is left out. Other text ("unix:",
// "") is a key of its own.
std::uint64_t AddressKey(std::string_view purpose, std::string_view address);

// By an IPv6 site, a /48: whoever has one has 65,536 networks of /64. nullopt for IPv4 and other text.
std::optional<std::uint64_t> SiteKey(std::string_view purpose, std::string_view address);

// By account. `unlocked_at` is part of the key, so that an operator's unlock starts a fresh count.
std::uint64_t AccountKey(std::string_view purpose, records::OrganizationId org,
                         records::UserId user, base::Time unlocked_at);

// By a sign-in name that belongs to no account: it must run into the same limit, or the limit would
// tell which names exist. `email` in lower case.
std::uint64_t UnknownAccountKey(std::string_view purpose, records::OrganizationId org,
                                std::string_view email);

// By a browser, of which `session` is the secret of its cookie or a hash of that.
std::uint64_t BrowserKey(std::string_view purpose, std::string_view session);

// By client and network address (as AddressKey).
std::uint64_t ClientAddressKey(std::string_view purpose, records::ClientRowId client,
                               std::string_view address);

// By client and IPv6 site (as SiteKey).
std::optional<std::uint64_t> ClientSiteKey(std::string_view purpose, records::ClientRowId client,
                                           std::string_view address);

std::uint64_t SessionKey(std::string_view purpose, records::SessionId session);

// By client and what its request says, exactly.
std::uint64_t ClientTextKey(std::string_view purpose, records::ClientRowId client,
                            std::string_view text);

// All events of this kind on this server.
std::uint64_t GlobalKey(std::string_view purpose);

}  // namespace oauth
