#include "base/url.h"

namespace base {

UrlParts SplitUrl(std::string_view url) {
  UrlParts parts;
  if (const std::size_t end = url.find("://"); end != std::string_view::npos) {
    parts.scheme = url.substr(0, end);
    url.remove_prefix(end + 3);
  }
  const std::size_t authority = url.find_first_of("/?#");
  if (authority != std::string_view::npos) parts.rest = url.substr(authority);
  url = url.substr(0, authority);
  const std::size_t bracket = url.find(']');
  const std::size_t colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = url.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = url.substr(colon + 1);
  return parts;
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

}  // namespace base
