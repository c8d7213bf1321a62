// The handlers, one function an address and method. Each reads the request, calls the domain and
// writes the answer; none waits and none touches a connection. Valid input is the domain's
// business, its spelling theirs.
#pragma once

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

}  // namespace worker
