// The Authorization header. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "domain/error.h"
#include "http/params.h"
#include "oauth/clients/client_authentication.h"

namespace http {

// The token of "Bearer TOKEN" (RFC 6750 §2.1; the scheme in any case), "" where there is none.
std::string_view BearerToken(std::string_view authorization);

// Client credentials of Basic (both halves form-decoded, RFC 6749 §2.3.1), of the body (§2.3.1
// second form), or an assertion in the body (RFC 7521 §4.2). kInvalidRequest: two methods at once,
// client_id in the body differs from Basic's, or an assertion of another type;
// kClientAuthenticationFailed: Basic that cannot be decoded. `request_id` is left to the caller.
domain::Answer<oauth::ClientCredentials> ReadClientCredentials(std::string_view authorization,
                                                               const Params& params);

}  // namespace http
