// A child: everything it needs, opened after its exec, around the loop that serves.
#pragma once

#include <functional>

#include "base/status.h"
#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"
#include "worker/pool/command_line.h"

namespace worker {

// What becomes of a request.
using Handler = std::function<http::Outcome(const http::Request&, AppParts&)>;
// Dispatches it to its route.
http::Outcome HandleRequest(const http::Request& request, AppParts& app);

// Serves until drained. Takes over the descriptors of line.place.
base::Status RunChild(const CommandLine& line, const Handler& handle = HandleRequest);

}  // namespace worker
