// What the handler of a page or of a form gets, and the checks before it (docs/pages.md "Forged requests"): which
// of them are made the kind of its route decides, so no handler can forget one.
#pragma once

#include <string_view>
#include <utility>

#include "domain/error.h"
#include "http/params.h"
#include "http/request.h"
#include "http/routes.h"
#include "worker/app.h"
#include "worker/handlers/pages/browser_context.h"
#include "worker/outcome.h"

namespace worker {

struct PageRequest {
  const http::Request& request;  // until the handler returned
  BrowserContext browser;
  http::Params params;  // of a page the query's, of a form the body's
};

// A form that passed the checks; nothing but FormHandler::Run makes one.
class FormRequest : public PageRequest {
 private:
  friend struct FormHandler;
  explicit FormRequest(PageRequest page) : PageRequest(std::move(page)) {}
};

struct PageHandler {
  Outcome (*handle)(const PageRequest& page, const App& app);

  // kForbidden: another site put the page into its own ones (an image, a frame, a script). kInvalidRequest: the query
  // cannot be read. A query that is kUnread may hold anything.
  Outcome Run(const http::Request& request, http::Query query, const App& app) const;
};

struct FormHandler {
  Outcome (*handle)(const FormRequest& form, const App& app);
  // Draws the form's page once more, with what was typed into it (no password) and the error.
  Answer (*again)(const PageRequest& form, const domain::Error& error, const App& app);

  // Checks against forged requests (RFC 6819 §4.4.1.8): Sec-Fetch-Site and Origin if the browser sends them, and the
  // token always. A form with the token of another visit is no attack as a rule: the page was open since before the
  // browser was restarted, or since a tab beside it got the cookie that counts. So it is refused (403) by `again`,
  // whose page has a cookie and a token that fit: the next press works.
  Outcome Run(const http::Request& request, const App& app) const;
};

// False where the browser says that another site made the request, a subdomain beside us included.
// Browsers that say nothing (Sec-Fetch-Site is of 2020 and later) pass.
bool IsFromHere(const http::Request& request);

}  // namespace worker
