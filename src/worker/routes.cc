#include "worker/routes.h"

#include <array>
#include <string>
#include <string_view>

#include "http/errors.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/page_reply.h"

namespace worker {

namespace {

using Handler = http::Outcome (*)(const http::Request&, const App&);

struct Route {
  std::string_view method;
  std::string_view path;
  Handler handler;
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
    Route{"GET", "/", &HandleHomePage},
    Route{"GET", "/activate", &HandleActivatePage},
    Route{"POST", "/activate", &HandleActivate},
    Route{"GET", "/activate/confirm", &HandleConfirmPage},
    Route{"POST", "/activate/confirm", &HandleConfirm},
    Route{"GET", "/activate/result", &HandleActivationResult},
    Route{"GET", "/sign-in", &HandleSignInPage},
    Route{"POST", "/sign-in/password", &HandleSignIn},
    // After a refused form, from the address bar.
    Route{"GET", "/sign-in/password", &HandleSignInPage},
    Route{"POST", "/sign-out", &HandleSignOut},
    Route{"GET", "/forgot-password", &HandleForgotPasswordPage},
    Route{"GET", "/set-password", &HandleSetPasswordPage},
    Route{"POST", "/set-password/save", &HandleSetPassword},
    Route{"GET", "/assets/latchkey.css", &HandleStylesheet},
    Route{"GET", "/healthz", &HandleHealth},
    Route{"GET", "/readyz", &HandleReady},
};

bool MethodMatches(std::string_view method, std::string_view route_method) {
  return method == route_method || (method == "HEAD" && route_method == "GET");
}

std::string AllowedMethods(std::string_view path) {
  std::string allow;
  for (const Route& route : kRoutes) {
    if (route.path != path) continue;
    if (!allow.empty()) allow.append(", ");
    allow.append(route.method);
  }
  return allow;
}

}  // namespace

http::Outcome Dispatch(const http::Request& request, const App& app) {
  for (const Route& route : kRoutes) {
    if (route.path == request.path && MethodMatches(request.method, route.method)) {
      return route.handler(request, app);
    }
  }
  const std::string allow = AllowedMethods(request.path);
  if (WantsPage(request)) {
    return allow.empty() ? PageNotFound(request) : PageMethodNotAllowed(allow, request);
  }
  const base::Time now = app.ports.clock.Now();
  return allow.empty() ? http::NotFound(now) : http::MethodNotAllowed(allow, now);
}

}  // namespace worker
