// What the loop itself puts on the wire: a response as CGI text (RFC 3875 §6), and the refusals
// that no handler sees. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/response.h"

namespace worker {

// Replaces *out by status line, Content-Type, headers, X-Latchkey-Error (for nginx's access log alone),
// X-Request-Id, a blank line and the body. A
// header with a line break in it is left out: whatever a handler did, no client splits an answer.
void RenderAnswer(const http::Response& response, std::string_view request_id, std::string* out);

enum class Refusal : std::uint8_t {
  kBodyTooLarge,    // 413
  kBodyIncomplete,  // 400: shorter than CONTENT_LENGTH, or CONTENT_LENGTH is no number
  kTooOld,          // 503: waited longer than the request budget before a child took it up
  kPoisonous,       // 500: another child died of this very request
  kNetworkShutOut,  // 503: a child died of a request of the client's network
  kNoRoom,          // 503: more wait than may, and most of them of this network
};
// `retry_after`: of kNetworkShutOut; 0: the usual second.
http::Response Refuse(Refusal refusal, base::Time now, base::seconds retry_after);
// "body_too_large", for the log.
std::string_view NameOf(Refusal refusal);

}  // namespace worker
