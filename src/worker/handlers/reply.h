// What every JSON handler shares: reading parameters and turning an answer of the domain into a
// response. Errors stay errors: Dispatch renders them.
#pragma once

#include <string>
#include <utility>

#include "http/params.h"
#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"
#include "worker/handlers/api_json.h"
#include "worker/outcome.h"

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
Answer Reply(const domain::Answer<T>& answer) {
  if (!answer.ok()) return answer.error();
  return JsonResponse(ToJson(*answer));
}

// The same for an answer that may wait for a write.
template <class T>
Outcome Reply(domain::Step<domain::Answer<T>>&& step) {
  return domain::Map(std::move(step),
                     [](const domain::Answer<T>& answer) { return Reply(answer); });
}

// A document that caches may keep for as long as `cache_control` says, known by `etag` (without its
// quotes): 304 for whoever has it (RFC 9110 §15.4.5).
http::Response CachedDocument(std::string body, std::string_view content_type,
                              std::string_view etag, std::string_view cache_control,
                              const http::Request& request);

// The body's parameters, or what is wrong with it (400, 415).
base::Result<http::Params, Answer> ReadBody(const http::Request& request, const App& app);

}  // namespace worker
