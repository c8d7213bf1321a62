// The protocol's errors: what a client is told. http/errors maps each to its words and status.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/status.h"

namespace domain {

enum class ErrorCode : std::uint8_t {
  kAuthorizationPending,  // RFC 8628 §3.5
  kSlowDown,
  kExpiredToken,
  kAccessDenied,
  kInvalidGrant,  // RFC 6749 §5.2
  kInvalidRequest,
  kInvalidScope,
  kInvalidTarget,  // RFC 8707 §2
  kUnauthorizedClient,
  kUnsupportedGrantType,
  kInvalidClient,               // nobody tried to authenticate: 400
  kClientAuthenticationFailed,  // invalid_client where the client tried: 401
  kMissingToken,                // RFC 6750 §3.1: no credentials, bare challenge
  kInvalidToken,
  kTokenExpired,  // invalid_token that once was good
  kInsufficientScope,
  kBadRequest,  // the JSON API's own
  kForbidden,
  kNotFound,
  kMisdirectedRequest,  // RFC 9110 §15.5.20: a Host nobody registered
  kTooManyRequests,
  kTemporarilyUnavailable,
  kServerError,
  kCount,
};

struct Error {
  ErrorCode code = ErrorCode::kServerError;
  std::string description;  // printable ASCII without " and \ (RFC 6749 §5.2)
  // When it may go otherwise; 0: nobody knows. With kSlowDown and kAuthorizationPending the interval that
  // holds, with kTooManyRequests what is left of the window.
  base::seconds retry_after{0};
};

template <class T>
using Answer = base::Result<T, Error>;

// What a failed read or write means to a client: kUnavailable and kFull are
// temporarily_unavailable, all else is server_error.
Error ErrorOf(base::Code code);

}  // namespace domain
