#include "oauth/resource.h"

namespace oauth {

namespace {

bool HasLine(std::string_view lines, std::string_view wanted) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (lines.substr(0, end) == wanted) return true;
    lines = end == std::string_view::npos ? std::string_view() : lines.substr(end + 1);
  }
  return false;
}

domain::Error InvalidTarget() {
  return {.code = domain::ErrorCode::kInvalidTarget,
          .description = "This client may not ask for a token for that resource."};
}

}  // namespace

domain::Answer<std::string> GrantResource(std::string_view requested,
                                          const records::ServiceRow& service) {
  if (!requested.empty() && !HasLine(service.resources, requested)) return InvalidTarget();
  return std::string(requested);
}

domain::Answer<std::string> NarrowResource(std::string_view requested, std::string_view granted,
                                           const records::ServiceRow& service) {
  if (granted.empty()) return GrantResource(requested, service);
  if (!requested.empty() && requested != granted) return InvalidTarget();
  return GrantResource(granted, service);
}

}  // namespace oauth
