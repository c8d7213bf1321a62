// Pages that a form of theirs brings back with an error, where another file reads the form.
#pragma once

#include "domain/error.h"
#include "http/params.h"
#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"
#include "worker/handlers/pages/page_visit.h"

namespace worker {

// home.cc
http::Response HomeAgain(const domain::Error& error, const http::Request& request,
                         const Visit& visit, const App& app);
// activate_confirm.cc: the decision, for whoever is signed in and names the row that its form named;
// no guess at a code. For all others the page that asks for the code, filled in.
http::Response ConfirmAgain(const domain::Error& error, const http::Params& typed,
                            const http::Request& request, const Visit& visit, const App& app);

}  // namespace worker
