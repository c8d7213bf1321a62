#include "worker/routes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "domain/issuer.h"
#include "http/errors.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/page_reply.h"

namespace worker {

namespace {

using Handler = http::Outcome (*)(const http::Request&, const App&);

// Where an address is served: below every issuer; on a registered host, which has pages but once; on
// whatever host a probe or a page of an unknown host asks.
enum class Where : std::uint8_t { kEveryIssuer, kEveryHost, kAnywhere };

// Whom an address is for, which decides what its errors look like, whatever the request accepts: a
// client library may say text/html (java.net.HttpURLConnection does), and a browser */*.
enum class For : std::uint8_t { kPrograms, kPeople };

struct Route {
  std::string_view method;
  std::string_view path;
  Handler handler;
  Where where = Where::kEveryIssuer;
  For whom = For::kPrograms;
};

// The hot paths first: the table is searched from the top.
constexpr std::array kRoutes{
    Route{"GET", "/api/subscription", &HandleSubscription},
    Route{"POST", "/auth/token", &HandleToken},
    Route{"POST", "/auth/device/code", &HandleDeviceAuthorization},
    Route{"GET", "/api/user", &HandleUser},
    Route{"POST", "/oauth/token", &HandleToken},
    Route{"POST", "/oauth/device_authorization", &HandleDeviceAuthorization},
    Route{"POST", "/auth/device/verify", &HandleDeviceVerify},
    Route{"POST", "/api/auth/refresh", &HandleRefresh},
    Route{"POST", "/api/auth/logout", &HandleLogout},
    Route{"GET", "/.well-known/jwks.json", &HandleJwks},
    Route{"GET", "/.well-known/openid-configuration", &HandleMetadata},
    Route{"GET", "/.well-known/oauth-authorization-server", &HandleMetadata},
    Route{"GET", "/", &HandleHomePage, Where::kEveryHost, For::kPeople},
    Route{"GET", "/activate", &HandleActivatePage, Where::kEveryIssuer, For::kPeople},
    Route{"POST", "/activate", &HandleActivate, Where::kEveryHost, For::kPeople},
    Route{"GET", "/activate/confirm", &HandleConfirmPage, Where::kEveryHost, For::kPeople},
    Route{"POST", "/activate/confirm", &HandleConfirm, Where::kEveryHost, For::kPeople},
    Route{"GET", "/activate/result", &HandleActivationResult, Where::kEveryHost, For::kPeople},
    Route{"GET", "/sign-in", &HandleSignInPage, Where::kEveryHost, For::kPeople},
    Route{"POST", "/sign-in/password", &HandleSignIn, Where::kEveryHost, For::kPeople},
    // After a refused form, from the address bar.
    Route{"GET", "/sign-in/password", &HandleSignInPage, Where::kEveryHost, For::kPeople},
    Route{"POST", "/sign-out", &HandleSignOut, Where::kEveryHost, For::kPeople},
    Route{"GET", "/forgot-password", &HandleForgotPasswordPage, Where::kEveryHost, For::kPeople},
    Route{"GET", "/set-password", &HandleSetPasswordPage, Where::kEveryHost, For::kPeople},
    Route{"POST", "/set-password/save", &HandleSetPassword, Where::kEveryHost, For::kPeople},
    Route{"GET", "/assets/latchkey.css", &HandleStylesheet, Where::kAnywhere, For::kPeople},
    Route{"GET", "/metrics", &HandleMetrics, Where::kAnywhere},
    Route{"GET", "/healthz", &HandleHealth, Where::kAnywhere},
    Route{"GET", "/readyz", &HandleReady, Where::kAnywhere},
};

bool MethodMatches(std::string_view method, std::string_view route_method) {
  return method == route_method || (method == "HEAD" && route_method == "GET");
}

http::Outcome Call(const Route& route, const http::Request& request, const App& app) {
  if (app.counters != nullptr) {
    app.counters->NoteRoute(static_cast<std::size_t>(&route - kRoutes.data()) + 1);
  }
  return route.handler(request, app);
}

// What of the table is there for a request.
bool IsServed(const Route& route, std::string_view issuer) {
  return route.where == Where::kEveryIssuer || !issuer.starts_with("/o/");
}

std::string AllowedMethods(std::string_view path, std::string_view issuer) {
  std::string allow;
  for (const Route& route : kRoutes) {
    if (route.path != path || !IsServed(route, issuer)) continue;
    if (!allow.empty()) allow.append(", ");
    allow.append(route.method);
  }
  return allow;
}

// Nothing but programs asks below these. nginx's own errors know the same (nginx/words.conf).
constexpr std::array<std::string_view, 4> kProgramsAskBelow{"/api/", "/auth/", "/oauth/",
                                                            "/.well-known/"};

// Only what nobody serves depends on who asks: a page for whoever would rather have one.
bool WantsPage(const http::Request& request) {
  const domain::Location location = domain::LocationByPath(request.path);
  const std::string_view issuer = request.issuer.empty() ? location.issuer : request.issuer;
  for (const Route& route : kRoutes) {
    if (route.path == location.path && IsServed(route, issuer)) return route.whom == For::kPeople;
  }
  const auto is_below = [&location](std::string_view folder) {
    return location.path.starts_with(folder);
  };
  if (issuer.starts_with("/o/") || std::ranges::any_of(kProgramsAskBelow, is_below)) return false;
  return request.accept.find("text/html") != std::string_view::npos;
}

// No such address, or not by this method.
http::Response Unserved(const http::Request& request, const App& app) {
  const std::string allow = AllowedMethods(request.path, request.issuer);
  if (WantsPage(request)) {
    return allow.empty() ? PageNotFound(request) : PageMethodNotAllowed(allow, request);
  }
  const base::Time now = app.ports.clock.Now();
  return allow.empty() ? http::NotFound(now) : http::MethodNotAllowed(allow, now);
}

std::string* RetryAfterOf(http::Response* response) {
  for (auto& [name, value] : response->headers) {
    if (name == "Retry-After") return &value;
  }
  return nullptr;
}

// At a host nobody registered, or while it cannot be looked up.
http::Outcome DispatchAnywhere(const http::Request& request, const domain::Error& error,
                               const App& app) {
  for (const Route& route : kRoutes) {
    if (route.where == Where::kAnywhere && route.path == request.path &&
        MethodMatches(request.method, route.method)) {
      return Call(route, request, app);
    }
  }
  if (WantsPage(request)) return ErrorPageResponse(error, request.request_id_text);
  return http::ErrorResponse(error, app.ports.clock.Now());
}

}  // namespace

std::vector<std::string> RouteNames() {
  std::vector<std::string> names{"other"};
  for (const Route& route : kRoutes) {
    names.push_back(std::string(route.method) + " " + std::string(route.path));
  }
  return names;
}

http::Response Refused(const http::Request& request, http::Response response) {
  if (!WantsPage(request)) return response;
  http::Response page = PageRefused(response.status, request);
  std::string* const pages_own = RetryAfterOf(&page);
  const std::string* const said = RetryAfterOf(&response);
  if (pages_own != nullptr && said != nullptr) *pages_own = *said;
  return page;
}

http::Outcome Dispatch(const http::Request& asked, const App& app) {
  const auto location = domain::FindLocation(asked.host, asked.path, app.ports);
  if (!location.ok()) return DispatchAnywhere(asked, location.error(), app);
  http::Request request = asked;
  request.path = location->path;
  request.issuer = location->issuer;
  for (const Route& route : kRoutes) {
    if (route.path == request.path && MethodMatches(request.method, route.method) &&
        IsServed(route, request.issuer)) {
      return Call(route, request, app);
    }
  }
  return Unserved(request, app);
}

}  // namespace worker
