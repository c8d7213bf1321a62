// The Cookie and Set-Cookie headers (RFC 6265bis §4). Pure functions. Bounded: of a Cookie header
// only the first 8 KB and 64 cookies are read; what is no name=value pair is passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace http {

struct CookiePair {
  std::string_view name;   // views into the header
  std::string_view value;  // without the quotes that may surround it
};

std::vector<CookiePair> ParseCookies(std::string_view header);

// Value of the first cookie of that name, "" where there is none.
std::string_view FindCookie(std::string_view header, std::string_view name);

enum class Transport { kPlain, kTls };

// `lk-pre` becomes `__Host-lk-pre` under TLS: a browser takes that name only from this very host,
// with Secure and Path=/ (RFC 6265bis §4.1.3.2).
std::string CookieName(std::string_view name, Transport transport);

// The Set-Cookie value: HttpOnly, SameSite=Lax, Path=/, Secure under TLS. `name` and `value` are
// ours: no control bytes, blanks or semicolons.
struct SetCookie {
  std::string name;  // as CookieName gives it
  std::string value;
  base::seconds max_age{0};  // 0: until the browser closes
  Transport transport = Transport::kPlain;
};
std::string ToHeader(const SetCookie& cookie);

// Takes the cookie away.
std::string ExpiredCookie(std::string_view name, Transport transport);

}  // namespace http
