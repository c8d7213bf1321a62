// Answers that are HTML, with the headers that protect them (docs/pages.md "Headers"), and
// redirects between pages.
#pragma once

#include <string>
#include <string_view>

#include "domain/error.h"
#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"
#include "worker/handlers/pages/browser_context.h"

namespace worker {

// An HTML page with the headers that all of them carry; gives a new browser its cookie.
http::Response PageResponse(std::string html, const BrowserContext& browser, const App& app);
// The same with the status and Retry-After of an error: a form drawn again.
http::Response PageResponse(const domain::Error& error, std::string html,
                            const BrowserContext& browser, const App& app);
// The page for an error after which there is nothing to fill in: what an Error of a handler becomes (routes.cc).
http::Response ErrorPageResponse(const domain::Error& error, std::string_view request_id);
// 415: a form came in another content type.
http::Response PageUnsupportedMediaType(const BrowserContext& browser);

// Says in the log why a person was refused, under the request id that page and access log carry. Under a flood 20
// lines are written immediately, then one per second and child (base/line_quota.h).
void LogRefusal(std::string_view event, std::string_view why, const BrowserContext& browser,
                const App& app);

// What the router answers at the address of a page.
http::Response PageNotFound(const http::Request& request);
// 413, 503, or 400 where the body was cut off.
http::Response PageRefused(int status, const http::Request& request);
http::Response PageMethodNotAllowed(std::string_view allow, const http::Request& request);

// 303 (RFC 9110 §15.4.4): a path of ours, made of checked values only.
http::Response SeeOther(std::string path);

// Paths with their parameters; user_code may be empty, the organization of ActivatePath, too.
std::string SignInPath(std::string_view organization_slug, std::string_view user_code);
std::string ActivatePath(std::string_view user_code, std::string_view organization_slug);
std::string ConfirmPath(std::string_view user_code);

}  // namespace worker
