// What a handler gives back. An error is the domain's; Dispatch renders it, as JSON or as a page by the kind of the
// route (routes.cc).
#pragma once

#include "domain/error.h"
#include "domain/step.h"
#include "http/response.h"

namespace worker {

using Answer = domain::Answer<http::Response>;
using Outcome = domain::Step<Answer>;  // or a write to be made durable first

}  // namespace worker
