// What every JSON handler shares: reading parameters and turning an answer of the domain into a
// response.
#pragma once

#include <string>
#include <utility>

#include "http/errors.h"
#include "http/params.h"
#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"
#include "worker/handlers/api_json.h"

namespace worker {

inline http::Response JsonResponse(std::string body) {
  http::Response response;
  response.headers.reserve(http::kUsualHeaders);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Pragma", "no-cache");
  response.body = std::move(body);
  return response;
}

// The domain's answer as JSON, or its error.
template <class T>
http::Response Reply(const domain::Answer<T>& answer, const base::Clock& clock) {
  if (!answer.ok()) return http::ErrorResponse(answer.error(), clock.Now());
  return JsonResponse(ToJson(*answer));
}

// The same for an answer that may wait for a write.
template <class T>
http::Outcome Reply(domain::Step<domain::Answer<T>> step, const base::Clock& clock) {
  return domain::Map(std::move(step),
                     [&clock](const domain::Answer<T>& answer) { return Reply(answer, clock); });
}

// A document that caches may keep for as long as `cache_control` says, known by `etag` (without its
// quotes): 304 for whoever has it (RFC 9110 §15.4.5).
http::Response CachedDocument(std::string body, std::string_view content_type,
                              std::string_view etag, std::string_view cache_control,
                              const http::Request& request);

// The body's parameters, or the response that says what is wrong with it (400, 415).
base::Result<http::Params, http::Response> ReadBody(const http::Request& request, const App& app);

}  // namespace worker
