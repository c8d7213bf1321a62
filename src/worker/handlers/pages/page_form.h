// Reading what a browser sends to a page, and the checks against forged requests (docs/pages.md
// "Forged requests").
#pragma once

#include <optional>

#include "http/params.h"
#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"
#include "worker/handlers/pages/page_visit.h"

namespace worker {

// False where the browser says that another site made the request, a subdomain beside us included.
// Browsers that say nothing (Sec-Fetch-Site is of 2020 and later) pass.
bool IsFromHere(const http::Request& request);

// The page that refuses what another site put into its own pages (an image, a frame, a script);
// nullopt: somebody visits.
std::optional<http::Response> RefuseEmbedded(const http::Request& request, const Visit& visit);

// The query's parameters, or the page that says what is wrong with them. Embedded requests are refused.
base::Result<http::Params, http::Response> ReadPageQuery(const http::Request& request,
                                                         const Visit& visit);
// The form's, after the checks against forged requests (RFC 6819 §4.4.1.8): Sec-Fetch-Site and
// Origin where the browser sends them, and the token always.
base::Result<http::Params, http::Response> ReadPageForm(const http::Request& request,
                                                        const Visit& visit, const App& app);

}  // namespace worker
