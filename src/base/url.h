// The parts of an absolute URL that others ask for (RFC 3986 §3). Pure, thread-safe; views into what
// is given.
#pragma once

#include <string_view>

namespace base {

struct UrlParts {
  std::string_view scheme;  // "https"
  std::string_view host;    // without port; brackets of an IPv6 address stay
  std::string_view port;    // digits, empty: the scheme's own
  std::string_view rest;    // path, query and fragment
};
// What is missing is empty; nothing is checked.
UrlParts SplitUrl(std::string_view url);

// A name that DNS may have and that an organization may register: two or more labels of a-z, 0-9 and -,
// no IPv4 address.
bool IsDomainName(std::string_view host);

// This machine by a name that needs no registration: localhost, 127.0.0.1, [::1].
bool IsLoopback(std::string_view host);

}  // namespace base
