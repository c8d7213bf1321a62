#include "worker/handlers/reply.h"

namespace worker {

base::Result<http::Params, http::Response> ReadBody(const http::Request& request, const App& app) {
  auto params = http::ParseBody(request.content_type, request.body);
  if (params.ok()) return std::move(*params);
  const base::Status& status = params.error();
  const base::Time now = app.ports.clock.Now();
  if (status.code() == base::Code::kDenied)
    return http::UnsupportedMediaType(status.message(), now);
  return http::ErrorResponse(
      {.code = oauth::ErrorCode::kInvalidRequest, .description = status.message()}, now);
}

}  // namespace worker
