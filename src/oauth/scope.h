// Scopes (RFC 6749 §3.3): space-separated tokens, and what each of them gives. The one table of this
// file says it to all who must agree: tokens, /api/user, the metadata and the page of approval.
// Pure functions, thread-safe.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "domain/error.h"

namespace oauth {

// What is told of a person beyond what every token says (sub, org, service, plan, features,
// is_platform_owner).
enum class ScopedClaim : std::uint8_t { kNone, kEmail };

struct ScopeMeaning {
  std::string_view scope;
  std::string_view words;  // for the page of approval: what the app may do
  ScopedClaim claim = ScopedClaim::kNone;
};

inline constexpr std::string_view kOpenidScope = "openid";
inline constexpr std::string_view kEmailScope = "email";
// openid, profile and email: OpenID Connect Core §5.4; offline_access: §11.
inline constexpr std::array kScopes{
    ScopeMeaning{kOpenidScope, "Know that it is you who signed in, and when"},
    ScopeMeaning{"profile", "See your profile (there is nothing in it today)"},
    ScopeMeaning{kEmailScope, "See your e-mail address", ScopedClaim::kEmail},
    ScopeMeaning{"offline_access", "Stay connected while you do not use it"}};

// "openid profile email offline_access"
std::string KnownScopes();

// What a client gets: the part of `requested` that is known here and within `allowed` (empty: all),
// each once, in the order asked. The rest is left out (§3.3 allows it; the answer names what was
// granted). kInvalidScope: malformed, or nothing is left of a request that named scopes.
domain::Answer<std::string> GrantScope(std::string_view requested, std::string_view allowed);

// `requested` narrowed to what `granted` holds; absent means all of it. kInvalidScope: it asks for
// more (RFC 6749 §6).
domain::Answer<std::string> NarrowScope(std::string_view requested, std::string_view granted);

bool HasScope(std::string_view scope, std::string_view token);

// Whether tokens and answers of this scope tell it.
bool Gives(std::string_view scope, ScopedClaim claim);

}  // namespace oauth
