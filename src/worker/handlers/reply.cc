#include "worker/handlers/reply.h"

#include "http/errors.h"
#include "http/etag.h"

namespace worker {

http::Response CachedDocument(std::string body, std::string_view content_type,
                              std::string_view etag, std::string_view cache_control,
                              const http::Request& request) {
  const std::string quoted = "\"" + std::string(etag) + "\"";
  http::Response response{.status = 200, .content_type = content_type, .headers = {}, .body = {}};
  response.headers.emplace_back("Cache-Control", cache_control);
  response.headers.emplace_back("ETag", quoted);
  if (http::IfNoneMatchNames(request.if_none_match, quoted)) {
    response.status = 304;
    response.content_type = {};
    return response;
  }
  response.body = std::move(body);
  return response;
}

base::Result<http::Params, Answer> ReadBody(const http::Request& request, const App& app) {
  auto params = http::ParseBody(request.content_type, request.body);
  if (params.ok()) return std::move(*params);
  const base::Status& status = params.error();
  if (status.code() == base::Code::kDenied) {
    return Answer(http::UnsupportedMediaType(status.message(), app.ports.clock.Now()));
  }
  const auto code = status.code() == base::Code::kExists ? domain::ErrorCode::kInvalidTarget
                                                         : domain::ErrorCode::kInvalidRequest;
  return Answer(domain::Error{.code = code, .description = status.message()});
}

}  // namespace worker
