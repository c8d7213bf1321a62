#include "http/cookies.h"

namespace http {

namespace {

// large_client_header_buffers (nginx/clients.conf).
constexpr std::size_t kMaxHeaderBytes = 16 * 1024;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

std::string Attributes(Transport transport) {
  std::string attributes = "; Path=/; HttpOnly; SameSite=Lax";
  if (transport == Transport::kTls) attributes += "; Secure";
  return attributes;
}

}  // namespace

CookieReader::CookieReader(std::string_view header) : rest_(header.substr(0, kMaxHeaderBytes)) {}

std::optional<CookiePair> CookieReader::Next() {
  while (!rest_.empty()) {
    const std::string_view pair = rest_.substr(0, rest_.find(';'));
    rest_.remove_prefix(pair.size() == rest_.size() ? pair.size() : pair.size() + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = Trim(pair.substr(0, equals));
    if (!name.empty()) return CookiePair{name, Unquote(Trim(pair.substr(equals + 1)))};
  }
  return std::nullopt;
}

std::optional<CookiePair> CookieReader::Next(std::string_view name) {
  while (const auto cookie = Next()) {
    if (cookie->name == name) return cookie;
  }
  return std::nullopt;
}

std::string_view FindCookie(std::string_view header, std::string_view name) {
  const auto cookie = CookieReader(header).Next(name);
  return cookie ? cookie->value : std::string_view();
}

std::string CookieName(std::string_view name, Transport transport) {
  return (transport == Transport::kTls ? "__Host-" : "") + std::string(name);
}

std::string ToHeader(const SetCookie& cookie) {
  std::string header = cookie.name + "=" + cookie.value + Attributes(cookie.transport);
  if (cookie.max_age.count() > 0) header += "; Max-Age=" + std::to_string(cookie.max_age.count());
  return header;
}

std::string ExpiredCookie(std::string_view name, Transport transport) {
  return std::string(name) + "=" + Attributes(transport) + "; Max-Age=0";
}

}  // namespace http
