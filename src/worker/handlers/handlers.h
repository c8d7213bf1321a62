// The handlers, and which address (http/routes.h) each of them answers. One reads the request, calls the domain and
// writes the answer; none waits and none touches a connection. Valid input is the domain's
// business, its spelling theirs.
#pragma once

#include <array>
#include <string_view>

#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"

namespace worker {

// device.cc: RFC 8628 and the token endpoint
http::Outcome HandleDeviceAuthorization(const http::Request& request, const App& app);
http::Outcome HandleToken(const http::Request& request, const App& app);
http::Outcome HandleDeviceVerify(const http::Request& request, const App& app);

// api.cc: the JSON API
http::Outcome HandleUser(const http::Request& request, const App& app);
http::Outcome HandleSubscription(const http::Request& request, const App& app);
http::Outcome HandleRefresh(const http::Request& request, const App& app);
http::Outcome HandleLogout(const http::Request& request, const App& app);

// pages/home.cc
http::Outcome HandleHomePage(const http::Request& request, const App& app);
http::Outcome HandleStylesheet(const http::Request& request, const App& app);

// pages/activate.cc, pages/activate_confirm.cc: the person's side of RFC 8628
http::Outcome HandleActivatePage(const http::Request& request, const App& app);
http::Outcome HandleActivate(const http::Request& request, const App& app);
http::Outcome HandleConfirmPage(const http::Request& request, const App& app);
http::Outcome HandleConfirm(const http::Request& request, const App& app);
http::Outcome HandleActivationResult(const http::Request& request, const App& app);

// pages/sign_in.cc; HandleSignIn hashes a password: the login pool serves it
http::Outcome HandleSignInPage(const http::Request& request, const App& app);
http::Outcome HandleSignIn(const http::Request& request, const App& app);
http::Outcome HandleForgotPasswordPage(const http::Request& request, const App& app);
http::Outcome HandleSignOut(const http::Request& request, const App& app);

// pages/set_password.cc; HandleSetPassword hashes a password: the login pool serves it
http::Outcome HandleSetPasswordPage(const http::Request& request, const App& app);
http::Outcome HandleSetPassword(const http::Request& request, const App& app);

// metadata.cc
http::Outcome HandleJwks(const http::Request& request, const App& app);
http::Outcome HandleMetadata(const http::Request& request, const App& app);
http::Outcome HandleHealth(const http::Request& request, const App& app);
http::Outcome HandleReady(const http::Request& request, const App& app);

// metrics.cc: for Prometheus; nginx lets only those through who may ask (nginx/metrics_location.conf)
http::Outcome HandleMetrics(const http::Request& request, const App& app);

using Handler = http::Outcome (*)(const http::Request&, const App&);

// In any order; a route without a handler, or a handler without a route, does not compile (worker/routes.cc).
struct Handles {
  std::string_view method;
  std::string_view path;
  Handler handler;
};
inline constexpr std::array kHandlers{
    Handles{"GET", "/api/subscription", &HandleSubscription},
    Handles{"POST", "/auth/token", &HandleToken},
    Handles{"POST", "/auth/device/code", &HandleDeviceAuthorization},
    Handles{"GET", "/api/user", &HandleUser},
    Handles{"POST", "/oauth/token", &HandleToken},
    Handles{"POST", "/oauth/device_authorization", &HandleDeviceAuthorization},
    Handles{"POST", "/auth/device/verify", &HandleDeviceVerify},
    Handles{"POST", "/api/auth/refresh", &HandleRefresh},
    Handles{"POST", "/api/auth/logout", &HandleLogout},
    Handles{"GET", "/.well-known/jwks.json", &HandleJwks},
    Handles{"GET", "/.well-known/openid-configuration", &HandleMetadata},
    Handles{"GET", "/.well-known/oauth-authorization-server", &HandleMetadata},
    Handles{"GET", "/", &HandleHomePage},
    Handles{"GET", "/activate", &HandleActivatePage},
    Handles{"POST", "/activate", &HandleActivate},
    Handles{"GET", "/activate/confirm", &HandleConfirmPage},
    Handles{"POST", "/activate/confirm", &HandleConfirm},
    Handles{"GET", "/activate/result", &HandleActivationResult},
    Handles{"GET", "/sign-in", &HandleSignInPage},
    Handles{"POST", "/sign-in/password", &HandleSignIn},
    Handles{"GET", "/sign-in/password", &HandleSignInPage},
    Handles{"POST", "/sign-out", &HandleSignOut},
    Handles{"GET", "/forgot-password", &HandleForgotPasswordPage},
    Handles{"GET", "/set-password", &HandleSetPasswordPage},
    Handles{"POST", "/set-password/save", &HandleSetPassword},
    Handles{"GET", "/assets/latchkey.css", &HandleStylesheet},
    Handles{"GET", "/metrics", &HandleMetrics},
    Handles{"GET", "/healthz", &HandleHealth},
    Handles{"GET", "/readyz", &HandleReady},
};

}  // namespace worker
