// The handlers, one function an address and method. Each reads the request, calls the domain and writes
// the answer; none waits and none touches a connection. Valid input is the domain's business, its spelling
// theirs.
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

// metadata.cc
http::Outcome HandleJwks(const http::Request& request, const App& app);
http::Outcome HandleMetadata(const http::Request& request, const App& app);
http::Outcome HandleHealth(const http::Request& request, const App& app);
http::Outcome HandleReady(const http::Request& request, const App& app);

}  // namespace worker
