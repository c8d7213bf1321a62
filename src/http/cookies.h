// The Cookie and Set-Cookie headers (RFC 6265bis §4). Pure functions, no allocation. Bounded by bytes
// alone: of a Cookie header the first 16 KB are read, all that nginx lets through, so that no number of
// other sites' cookies hides ours. What is no name=value pair is passed over.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace http {

struct CookiePair {
  std::string_view name;   // views into the header
  std::string_view value;  // without the quotes that may surround it
};

// One cookie after the other; nullopt: there are no more.
class CookieReader {
 public:
  explicit CookieReader(std::string_view header);
  std::optional<CookiePair> Next();
  // The next of that name.
  std::optional<CookiePair> Next(std::string_view name);

 private:
  std::string_view rest_;
};

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
