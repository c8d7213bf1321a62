// Every address that is served, in one table (routes.cc). Paths are exact; all else is 404.
#pragma once

#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"

namespace worker {

// Finds the issuer that the request came to and the handler of its path, and calls it. 404, 405 (with
// Allow) and 421 (a Host nobody registered) are answered here.
http::Outcome Dispatch(const http::Request& request, const App& app);

}  // namespace worker
