#include "http/errors.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "base/rfc3339.h"
#include "json/object_writer.h"

namespace http {

namespace {

using domain::ErrorCode;

struct ErrorWords {
  ErrorCode code;
  int status;
  std::string_view error;       // the RFC's word; empty: the description stands in its place
  std::string_view error_code;  // the JSON API's
};

// docs/api.md "Errors", in the order of ErrorCode.
constexpr std::array kErrors{
    ErrorWords{ErrorCode::kAuthorizationPending, 400, "authorization_pending",
               "DEVICE_CODE_PENDING"},
    ErrorWords{ErrorCode::kSlowDown, 400, "slow_down", "SLOW_DOWN"},
    ErrorWords{ErrorCode::kExpiredToken, 400, "expired_token", "DEVICE_CODE_EXPIRED"},
    ErrorWords{ErrorCode::kAccessDenied, 400, "access_denied", "ACCESS_DENIED"},
    ErrorWords{ErrorCode::kInvalidGrant, 400, "invalid_grant", "INVALID_GRANT"},
    ErrorWords{ErrorCode::kInvalidRequest, 400, "invalid_request", "INVALID_REQUEST"},
    ErrorWords{ErrorCode::kInvalidScope, 400, "invalid_scope", "INVALID_SCOPE"},
    ErrorWords{ErrorCode::kInvalidTarget, 400, "invalid_target", "INVALID_TARGET"},
    ErrorWords{ErrorCode::kUnauthorizedClient, 400, "unauthorized_client", "UNAUTHORIZED_CLIENT"},
    ErrorWords{ErrorCode::kUnsupportedGrantType, 400, "unsupported_grant_type",
               "UNSUPPORTED_GRANT_TYPE"},
    ErrorWords{ErrorCode::kInvalidClient, 400, "invalid_client", "INVALID_CLIENT"},
    ErrorWords{ErrorCode::kClientAuthenticationFailed, 401, "invalid_client", "INVALID_CLIENT"},
    ErrorWords{ErrorCode::kMissingToken, 401, "invalid_token", "UNAUTHORIZED"},
    ErrorWords{ErrorCode::kInvalidToken, 401, "invalid_token", "UNAUTHORIZED"},
    ErrorWords{ErrorCode::kTokenExpired, 401, "invalid_token", "TOKEN_EXPIRED"},
    ErrorWords{ErrorCode::kInsufficientScope, 403, "insufficient_scope", "FORBIDDEN"},
    ErrorWords{ErrorCode::kBadRequest, 400, "", "BAD_REQUEST"},
    ErrorWords{ErrorCode::kForbidden, 403, "", "FORBIDDEN"},
    ErrorWords{ErrorCode::kNotFound, 404, "not_found", "NOT_FOUND"},
    ErrorWords{ErrorCode::kMisdirectedRequest, 421, "invalid_request", "MISDIRECTED_REQUEST"},
    ErrorWords{ErrorCode::kTooManyRequests, 429, "temporarily_unavailable", "TOO_MANY_REQUESTS"},
    ErrorWords{ErrorCode::kTemporarilyUnavailable, 503, "temporarily_unavailable",
               "SERVICE_UNAVAILABLE"},
    ErrorWords{ErrorCode::kServerError, 500, "server_error", "INTERNAL_SERVER_ERROR"},
};
static_assert(kErrors.size() == static_cast<std::size_t>(ErrorCode::kCount));

constexpr std::string_view kRetryAfterSeconds = "1";

std::string Body(std::string_view error, std::string_view description, std::string_view error_code,
                 base::Time now) {
  return json::TextObject({{"error", error},
                           {"error_description", description},
                           {"error_code", error_code},
                           {"timestamp", base::Rfc3339(now)}});
}

// RFC 6749 §5.2 and RFC 6750 §3: which challenge goes with which error.
std::string Challenge(ErrorCode code) {
  switch (code) {
    case ErrorCode::kClientAuthenticationFailed:
      return "Basic realm=\"latchkey\"";
    case ErrorCode::kMissingToken:
      return "Bearer";
    case ErrorCode::kInvalidToken:
    case ErrorCode::kTokenExpired:
      return "Bearer error=\"invalid_token\"";
    case ErrorCode::kInsufficientScope:
      return "Bearer error=\"insufficient_scope\"";
    default:
      return {};
  }
}

void AddHeaders(const domain::Error& error, int status, Response* response) {
  response->headers.reserve(kUsualHeaders);
  response->headers.emplace_back("Cache-Control", "no-store");
  response->headers.emplace_back("Pragma", "no-cache");
  if (std::string challenge = Challenge(error.code); !challenge.empty()) {
    response->headers.emplace_back("WWW-Authenticate", std::move(challenge));
  }
  if (error.retry_after.count() > 0) {
    response->headers.emplace_back("Retry-After", std::to_string(error.retry_after.count()));
  } else if (status == 503 || status == 429) {
    response->headers.emplace_back("Retry-After", kRetryAfterSeconds);
  }
}

Response Plain(int status, std::string_view error, std::string_view description,
               std::string_view error_code, base::Time now) {
  Response response{.status = status,
                    .headers = {},
                    .body = Body(error, description, error_code, now),
                    .error = error_code};
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

std::string_view ErrorCodeWord(domain::ErrorCode code) {
  return kErrors[static_cast<std::size_t>(code)].error_code;
}

Response ErrorResponse(const domain::Error& error, base::Time now) {
  const ErrorWords& words = kErrors[static_cast<std::size_t>(error.code)];
  Response response;
  response.status = words.status;
  response.error = words.error_code;
  response.body = words.error.empty() ? Body(error.description, "", words.error_code, now)
                                      : Body(words.error, error.description, words.error_code, now);
  AddHeaders(error, words.status, &response);
  return response;
}

Response NotFound(base::Time now) {
  return Plain(404, "not_found", "Nothing is served at this address.", "NOT_FOUND", now);
}

Response MethodNotAllowed(std::string_view allow, base::Time now) {
  Response response = Plain(405, "invalid_request", "This address takes another method: see Allow.",
                            "METHOD_NOT_ALLOWED", now);
  response.headers.emplace_back("Allow", std::string(allow));
  return response;
}

Response UnsupportedMediaType(std::string_view description, base::Time now) {
  return Plain(415, "invalid_request", description, "UNSUPPORTED_MEDIA_TYPE", now);
}

Response PayloadTooLarge(base::Time now) {
  return Plain(413, "invalid_request", "The body is larger than 16 KB.", "PAYLOAD_TOO_LARGE", now);
}

Response ServiceUnavailable(base::Time now) {
  return ErrorResponse(domain::ErrorOf(base::Code::kUnavailable), now);
}

}  // namespace http
