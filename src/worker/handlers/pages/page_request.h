// Reading what a browser sends to a page, and the checks against forged requests (docs/pages.md
// "Forged requests").
#pragma once

#include <functional>
#include <optional>

#include "domain/error.h"
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
// Draws a form's page once more, with what was typed into it (no password) and the error.
using DrawAgain = std::function<http::Response(const http::Params&, const domain::Error&)>;

// The form's, after the checks against forged requests (RFC 6819 §4.4.1.8): Sec-Fetch-Site and
// Origin where the browser sends them, and the token always. A form with the token of another visit is
// no attack as a rule: the page was open since before the browser was restarted, or since a tab beside
// it got the cookie that counts. So it is refused (403) by `again`, whose page has a cookie and a token
// that fit: the next press works.
base::Result<http::Params, http::Response> ReadPageForm(const http::Request& request,
                                                        const Visit& visit, const App& app,
                                                        const DrawAgain& again);

}  // namespace worker
