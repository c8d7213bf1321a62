// The anonymous browser behind a request for a page, and the cookies that know it (docs/pages.md
// "Cookies").
#pragma once

#include <string>
#include <string_view>

#include "http/cookies.h"
#include "http/request.h"
#include "worker/app.h"

namespace worker {

// What the answer to a page needs of its request, copied: a pending write outlives the request's
// bytes.
struct BrowserContext {
  // Known: the browser sent the cookie `lk-pre` that its first page gave it. New: it will get one
  // now.
  enum class State { kKnown, kNew };
  State state = State::kNew;
  std::string secret;  // the cookie's value: 43 characters of base64url, random
  std::string request_id;
  bool is_at_domain = false;  // of an organization, and so for its codes alone
};
BrowserContext ReadBrowserContext(const http::Request& request, const App& app);

// Goes into each form; only a page of ours that was drawn for this browser knows it.
std::string CsrfToken(const BrowserContext& browser, const App& app);
// The key of this browser's budget of wrong user codes; does not give the secret away.
std::string GuessSession(const BrowserContext& browser, const App& app);

http::Transport TransportOf(const App& app);
// `lk-pre`, with the prefix that TLS allows.
std::string BrowserCookieName(const App& app);
// `lk-` and the organization's id in hex, with the same prefix.
std::string SessionCookieName(records::OrganizationId organization_id, const App& app);
std::string_view SessionCookie(records::OrganizationId organization_id,
                               const http::Request& request, const App& app);

}  // namespace worker
