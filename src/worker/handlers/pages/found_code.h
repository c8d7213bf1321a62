// What the form found goes on without a second guess: a cookie in which this server remembers, for some
// minutes, that the form of /activate found a code live for this very browser. Without it the redirect
// to the next page were a link like any other, whose budget strangers of the same network spend. It is
// a MAC over the browser's secret, the code and the time, so it is of no use to another browser, for
// another code or later; and whoever has one has paid for it from the budget of forms.
#pragma once

#include <string>
#include <string_view>

#include "http/request.h"
#include "worker/app.h"
#include "worker/handlers/pages/browser_context.h"

namespace worker {

// For a person who looks for a password on the way.
inline constexpr base::seconds kFoundCodeLives{600};

// The Set-Cookie value; `user_code` in stored form.
std::string FoundCodeCookie(std::string_view user_code, const BrowserContext& browser,
                            const App& app);

// Whether the form found the code, as typed, for this browser in the last kFoundCodeLives.
bool WasFound(std::string_view user_code, const http::Request& request,
              const BrowserContext& browser, const App& app);

}  // namespace worker
