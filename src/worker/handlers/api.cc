#include <string>

#include "http/authorization.h"
#include "oauth/bearer.h"
#include "oauth/refresh.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/reply.h"

namespace worker {

namespace {

// The origin's SDK refreshes once on any 401 and expects one for a bad refresh token.
domain::Error AsBadToken(domain::Error error) {
  if (error.code == domain::ErrorCode::kInvalidGrant) error.code = domain::ErrorCode::kInvalidToken;
  if (error.code == domain::ErrorCode::kInvalidRequest) error.code = domain::ErrorCode::kBadRequest;
  return error;
}

http::Response NoContent() {
  http::Response response;
  response.status = 204;
  response.content_type = {};
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

Outcome HandleUser(const http::Request& request, const App& app) {
  return Reply(oauth::GetUser(http::BearerToken(request.authorization), request.issuer, app.ports));
}

Outcome HandleSubscription(const http::Request& request, const App& app) {
  return Reply(
      oauth::GetSubscription(http::BearerToken(request.authorization), request.issuer, app.ports));
}

Outcome HandleRefresh(const http::Request& request, const App& app) {
  const auto params = ReadBody(request, app);
  if (!params.ok()) return params.error();
  auto step =
      oauth::RefreshWithoutClient({.request_id = request.request_id,
                                   .refresh_token = std::string(params->Get("refresh_token")),
                                   .scope = std::string(params->Get("scope")),
                                   .resource = std::string(params->Get("resource")),
                                   .issuer = std::string(request.issuer)},
                                  app.ports);
  return domain::Map(std::move(step),
                     [](const domain::Answer<oauth::TokenResponse>& answer) -> Answer {
                       if (!answer.ok()) return AsBadToken(answer.error());
                       return Reply(answer);
                     });
}

Outcome HandleLogout(const http::Request& request, const App& app) {
  auto step = oauth::Logout(http::BearerToken(request.authorization), request.issuer,
                            request.request_id, app.ports);
  return domain::Map(std::move(step), [](const domain::Answer<oauth::LoggedOut>& answer) -> Answer {
    if (!answer.ok()) return answer.error();
    return NoContent();
  });
}

}  // namespace worker
