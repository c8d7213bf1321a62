#include "worker/handlers/pages/browser_context.h"

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace worker {

namespace {

constexpr std::size_t kSecretBytes = 32;

std::string HashText(std::string_view purpose, std::string_view secret, const App& app) {
  std::string text(purpose);
  text.append(secret);
  return base::Base64UrlEncode(app.ports.hashes.Sha256(base::AsBytes(text)));
}

bool IsSecret(std::string_view text) {
  std::array<std::uint8_t, kSecretBytes> bytes{};
  return base::Base64UrlDecodeInto(text, bytes);
}

// The first cookie of our name that may be ours: one of another path or of a sister host, which no
// Set-Cookie of ours replaces, may stand before it.
std::string_view KnownSecret(const http::Request& request, const App& app) {
  const std::string name = BrowserCookieName(app);
  http::CookieReader cookies(request.cookie);
  while (const auto cookie = cookies.Next(name)) {
    if (IsSecret(cookie->value)) return cookie->value;
  }
  return {};
}

}  // namespace

http::Transport TransportOf(const App& app) {
  return app.ports.settings.public_url.starts_with("https://") ? http::Transport::kTls
                                                               : http::Transport::kPlain;
}

std::string BrowserCookieName(const App& app) {
  return http::CookieName("lk-pre", TransportOf(app));
}

BrowserContext ReadBrowserContext(const http::Request& request, const App& app) {
  BrowserContext browser{.state = BrowserContext::State::kKnown,
                         .secret = std::string(KnownSecret(request, app)),
                         .request_id = std::string(request.request_id_text),
                         .is_at_domain = !request.issuer.empty()};
  if (!browser.secret.empty()) return browser;
  std::array<std::uint8_t, kSecretBytes> bytes{};
  app.ports.random.Fill(bytes);
  browser.state = BrowserContext::State::kNew;
  browser.secret = base::Base64UrlEncode(bytes);
  return browser;
}

std::string CsrfToken(const BrowserContext& browser, const App& app) {
  return HashText("csrf", browser.secret, app);
}

std::string GuessSession(const BrowserContext& browser, const App& app) {
  return HashText("guess", browser.secret, app);
}

std::string SessionCookieName(records::OrganizationId organization_id, const App& app) {
  return http::CookieName("lk-" + base::HexEncode(organization_id.bytes), TransportOf(app));
}

std::string_view SessionCookie(records::OrganizationId organization_id,
                               const http::Request& request, const App& app) {
  return http::FindCookie(request.cookie, SessionCookieName(organization_id, app));
}

}  // namespace worker
