// Finds who answers: the table of addresses (http/routes.h) zipped with the handlers (handlers/handlers.h).
#pragma once

#include <string>
#include <vector>
#include "http/request.h"
#include "http/response.h"

#include "worker/app.h"

namespace worker {

// How each address is counted ("POST /oauth/token"), by the index that Dispatch notes in app.counters;
// first "other", for what no address serves.
std::vector<std::string> RouteNames();

// Finds the issuer that the request came to and the handler of its path, and calls it. 404, 405 (with
// Allow) and 421 (a Host nobody registered) are answered here.
http::Outcome Dispatch(const http::Request& request, const App& app);

// What the loop refuses without asking a handler: the same as a page at the address of one.
http::Response Refused(const http::Request& request, http::Response response);

}  // namespace worker
