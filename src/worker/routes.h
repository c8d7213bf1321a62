// Every address that is served, in one table (routes.cc). Paths are exact; all else is 404.
#pragma once

#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"

namespace worker {

// Finds the handler of the request and calls it. 404 and 405 (with Allow) are answered here.
http::Outcome Dispatch(const http::Request& request, const App& app);

}  // namespace worker
