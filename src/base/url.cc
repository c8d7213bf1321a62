#include "base/url.h"

#include <algorithm>

namespace base {

UrlParts SplitUrl(std::string_view url) {
  UrlParts parts;
  if (const std::size_t end = url.find("://"); end != std::string_view::npos) {
    parts.scheme = url.substr(0, end);
    url.remove_prefix(end + 3);
  }
  const auto ends_authority = [](char c) { return c == '/' || c == '?' || c == '#'; };
  const auto authority =
      static_cast<std::size_t>(std::ranges::find_if(url, ends_authority) - url.begin());
  parts.rest = url.substr(authority);
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

bool IsDomainName(std::string_view host) {
  constexpr std::size_t kMaxBytes = 253;
  constexpr std::size_t kMaxLabelBytes = 63;
  constexpr std::string_view kLabel = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (host.size() > kMaxBytes || host.find('.') == std::string_view::npos) return false;
  bool is_address = true;  // of which the last label is a number (RFC 3696 §2)
  for (std::size_t begin = 0; begin <= host.size();) {
    const std::size_t end = std::min(host.find('.', begin), host.size());
    const std::string_view label = host.substr(begin, end - begin);
    const bool good = !label.empty() && label.size() <= kMaxLabelBytes && label.front() != '-' &&
                      label.back() != '-' &&
                      label.find_first_not_of(kLabel) == std::string_view::npos;
    if (!good) return false;
    is_address = label.find_first_not_of("0123456789") == std::string_view::npos;
    begin = end + 1;
  }
  return !is_address;
}

}  // namespace base
