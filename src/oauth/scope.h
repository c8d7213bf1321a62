// Scopes (RFC 6749 §3.3): space-separated tokens. The ones this server knows: openid, profile,
// email (OpenID Connect Core §5.4) and offline_access (§11).
#pragma once

#include <string>
#include <string_view>

#include "oauth/error.h"

namespace oauth {

// The part of `requested` that is granted, each once, in the order asked. Unknown scopes are left
// out (§3.3 allows it; the answer names what was granted). kInvalidScope: malformed, or nothing is
// left of a request that named scopes.
Answer<std::string> GrantScope(std::string_view requested);

// `requested` narrowed to what `granted` holds; absent means all of it. kInvalidScope: it asks for
// more (RFC 6749 §6).
Answer<std::string> NarrowScope(std::string_view requested, std::string_view granted);

bool HasScope(std::string_view scope, std::string_view token);

}  // namespace oauth
