#include "worker/handlers/pages/found_code.h"

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/number.h"
#include "http/cookies.h"
#include "oauth/device/user_code.h"

namespace worker {

namespace {

// Of our name, as KnownSecret of browser_context.cc has it: one of a sister host may stand before ours. Each
// costs a MAC, so they are bounded.
constexpr int kMostRead = 8;

std::string CookieNameOf(const App& app) { return http::CookieName("lk-code", TransportOf(app)); }

// "1764539700.mmm…": the Unix seconds when it was found, and the MAC in base64url. The parts of what the
// MAC covers have fixed lengths, but for the last.
std::string ValueOf(std::string_view user_code, std::int64_t found_at,
                    const BrowserContext& browser, const App& app) {
  const std::string time = std::to_string(found_at);
  std::string message("found user code:");
  message.append(browser.secret).append(user_code).append(time);
  return time + "." + base::Base64UrlEncode(app.ports.hashes.Hmac(base::AsBytes(message)));
}

std::optional<std::int64_t> TimeOf(std::string_view value) {
  return base::ParseNumber<std::int64_t>(value.substr(0, value.find('.')));
}

bool Fits(std::string_view value, std::string_view user_code, const BrowserContext& browser,
          const App& app) {
  const auto found_at = TimeOf(value);
  const std::int64_t now = base::ToUnixSeconds(app.ports.clock.Now());
  // Compared before anything is subtracted: the number is a stranger's.
  if (!found_at || *found_at > now || *found_at <= now - kFoundCodeLives.count()) return false;
  const std::string expected = ValueOf(user_code, *found_at, browser, app);
  return value.size() == expected.size() &&
         app.ports.hashes.Equal(base::AsBytes(value), base::AsBytes(expected));
}

}  // namespace

std::string FoundCodeCookie(std::string_view user_code, const BrowserContext& browser,
                            const App& app) {
  return http::ToHeader(
      {.name = CookieNameOf(app),
       .value = ValueOf(user_code, base::ToUnixSeconds(app.ports.clock.Now()), browser, app),
       .max_age = kFoundCodeLives,
       .transport = TransportOf(app)});
}

bool WasFound(std::string_view user_code, const http::Request& request,
              const BrowserContext& browser, const App& app) {
  if (browser.state != BrowserContext::State::kKnown) return false;
  const auto code = oauth::NormalizeUserCode(user_code);
  if (!code) return false;
  const std::string name = CookieNameOf(app);
  http::CookieReader cookies(request.cookie);
  for (int i = 0; i < kMostRead; ++i) {
    const auto cookie = cookies.Next(name);
    if (!cookie) return false;
    if (Fits(cookie->value, *code, browser, app)) return true;
  }
  return false;
}

}  // namespace worker
