// The handlers, and which address (http/routes.h) each of them answers. One reads the request, calls the domain and
// writes the answer; none waits and none touches a connection. Valid input is the domain's
// business, its spelling theirs.
#pragma once

#include <array>
#include <string_view>
#include <variant>

#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"
#include "worker/handlers/pages/page_request.h"
#include "worker/outcome.h"

namespace worker {

// device.cc: RFC 8628 and the token endpoint
Outcome HandleDeviceAuthorization(const http::Request& request, const App& app);
Outcome HandleToken(const http::Request& request, const App& app);
Outcome HandleDeviceVerify(const http::Request& request, const App& app);

// api.cc: the JSON API
Outcome HandleUser(const http::Request& request, const App& app);
Outcome HandleSubscription(const http::Request& request, const App& app);
Outcome HandleRefresh(const http::Request& request, const App& app);
Outcome HandleLogout(const http::Request& request, const App& app);

// pages/home.cc
Outcome HandleHomePage(const PageRequest& page, const App& app);
Answer HomeAgain(const PageRequest& form, const domain::Error& error, const App& app);
http::Outcome HandleStylesheet(const http::Request& request, const App& app);

// pages/activate.cc, pages/activate_confirm.cc: the person's side of RFC 8628
Outcome HandleActivatePage(const PageRequest& page, const App& app);
Outcome HandleActivate(const FormRequest& form, const App& app);
Answer ActivateFormAgain(const PageRequest& form, const domain::Error& error, const App& app);
Outcome HandleConfirmPage(const PageRequest& page, const App& app);
Outcome HandleConfirm(const FormRequest& form, const App& app);
// For whoever is signed in and names the row that its form named; no guess at a code. For all others the page that asks
// for the code, filled in.
Answer ConfirmAgain(const PageRequest& form, const domain::Error& error, const App& app);
Outcome HandleActivationResult(const PageRequest& page, const App& app);

// pages/sign_in.cc; HandleSignIn hashes a password: the login pool serves it
Outcome HandleSignInPage(const PageRequest& page, const App& app);
Outcome HandleSignIn(const FormRequest& form, const App& app);
Answer SignInAgain(const PageRequest& form, const domain::Error& error, const App& app);
Outcome HandleForgotPasswordPage(const PageRequest& page, const App& app);
Outcome HandleSignOut(const FormRequest& form, const App& app);
Answer SignOutAgain(const PageRequest& form, const domain::Error& error, const App& app);

// pages/set_password.cc; HandleSetPassword hashes a password: the login pool serves it
Outcome HandleSetPasswordPage(const PageRequest& page, const App& app);
Outcome HandleSetPassword(const FormRequest& form, const App& app);
Answer SetPasswordAgain(const PageRequest& form, const domain::Error& error, const App& app);

// metadata.cc
Outcome HandleJwks(const http::Request& request, const App& app);
Outcome HandleMetadata(const http::Request& request, const App& app);
Outcome HandleHealth(const http::Request& request, const App& app);
Outcome HandleReady(const http::Request& request, const App& app);

// metrics.cc: for Prometheus; nginx lets only those through who may ask (nginx/metrics_location.conf)
http::Outcome HandleMetrics(const http::Request& request, const App& app);

// By the kind of the route: what it gets, and what is checked before. What loads with a page and /metrics have no error
// to render.
using ProgramHandler = Outcome (*)(const http::Request&, const App&);
using PlainHandler = http::Outcome (*)(const http::Request&, const App&);
using Handler = std::variant<ProgramHandler, PlainHandler, PageHandler, FormHandler>;

// In any order; a route without a handler, and a handler without a route or for another kind of it, do not compile
// (worker/routes.cc).
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
    Handles{"GET", "/", PageHandler{&HandleHomePage}},
    Handles{"GET", "/activate", PageHandler{&HandleActivatePage}},
    Handles{"POST", "/activate", FormHandler{&HandleActivate, &ActivateFormAgain}},
    Handles{"GET", "/activate/confirm", PageHandler{&HandleConfirmPage}},
    Handles{"POST", "/activate/confirm", FormHandler{&HandleConfirm, &ConfirmAgain}},
    Handles{"GET", "/activate/result", PageHandler{&HandleActivationResult}},
    Handles{"GET", "/sign-in", PageHandler{&HandleSignInPage}},
    Handles{"POST", "/sign-in/password", FormHandler{&HandleSignIn, &SignInAgain}},
    Handles{"GET", "/sign-in/password", PageHandler{&HandleSignInPage}},
    Handles{"POST", "/sign-out", FormHandler{&HandleSignOut, &SignOutAgain}},
    Handles{"GET", "/forgot-password", PageHandler{&HandleForgotPasswordPage}},
    Handles{"GET", "/set-password", PageHandler{&HandleSetPasswordPage}},
    Handles{"POST", "/set-password/save", FormHandler{&HandleSetPassword, &SetPasswordAgain}},
    Handles{"GET", "/assets/latchkey.css", &HandleStylesheet},
    Handles{"GET", "/metrics", &HandleMetrics},
    Handles{"GET", "/healthz", &HandleHealth},
    Handles{"GET", "/readyz", &HandleReady},
};

}  // namespace worker
