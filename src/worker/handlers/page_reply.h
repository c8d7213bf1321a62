// What every page handler shares: the anonymous visit, its CSRF token, forms, and answers that are
// HTML. docs/pages.md says what protects the pages and why.
#pragma once

#include <string>
#include <string_view>

#include "accounts/sign_in.h"
#include "http/cookies.h"
#include "http/params.h"
#include "http/request.h"
#include "http/response.h"
#include "oauth/error.h"
#include "worker/app.h"

namespace worker {

// What the answer to a page needs of its request, copied: a pending write outlives the request's
// bytes.
struct Visit {
  // Known: the browser sent the cookie `lk-pre` that its first page gave it. New: it will get one
  // now.
  enum class Browser { kKnown, kNew };
  Browser browser = Browser::kNew;
  std::string secret;  // the cookie's value: 43 characters of base64url, random
  std::string request_id;
};
Visit ReadVisit(const http::Request& request, const App& app);

// Goes into each form; only a page of ours that was drawn for this browser knows it.
std::string CsrfToken(const Visit& visit, const App& app);
// The key of this browser's budget of wrong user codes; does not give the secret away.
std::string GuessSession(const Visit& visit, const App& app);

// ---- reading ----

// The query's parameters, or the page that says what is wrong with them.
base::Result<http::Params, http::Response> ReadPageQuery(const http::Request& request,
                                                         const Visit& visit);
// The form's, after the checks against forged requests (RFC 6819 §4.4.1.8): Sec-Fetch-Site and
// Origin where the browser sends them, and the token always.
base::Result<http::Params, http::Response> ReadPageForm(const http::Request& request,
                                                        const Visit& visit, const App& app);

http::Transport TransportOf(const App& app);
// `lk-` and the organization's id in hex, with the prefix that TLS allows.
std::string SignInCookieName(records::OrganizationId organization_id, const App& app);
std::string_view SignInCookie(records::OrganizationId organization_id, const http::Request& request,
                              const App& app);

// ---- answering ----

// An HTML page with the headers that all of them carry; gives a new browser its cookie.
http::Response PageResponse(std::string html, const Visit& visit, const App& app);
// The same with the status and Retry-After of an error: a form drawn again.
http::Response PageResponse(const oauth::Error& error, std::string html, const Visit& visit,
                            const App& app);
// The page for an error after which there is nothing to fill in.
http::Response ErrorPageResponse(const oauth::Error& error, const Visit& visit);

// Says in the log why a person was refused, under the request id that page and access log carry.
void LogRefusal(std::string_view event, std::string_view why, const Visit& visit, const App& app);

// What the router answers a caller that would rather have a page than JSON.
bool WantsPage(const http::Request& request);
http::Response PageNotFound(const http::Request& request);
http::Response PageMethodNotAllowed(std::string_view allow, const http::Request& request);

// 303 (RFC 9110 §15.4.4): a path of ours, made of checked values only.
http::Response SeeOther(std::string path);

// Paths with their parameters; user_code may be empty.
std::string SignInPath(std::string_view organization_slug, std::string_view user_code);
std::string ConfirmPath(std::string_view user_code);

}  // namespace worker
