#include "oauth/scope.h"

#include <algorithm>
#include <array>
#include <vector>

namespace oauth {

namespace {

constexpr std::array<std::string_view, 4> kKnownScopes{"openid", "profile", "email",
                                                       "offline_access"};

// scope-token of RFC 6749 §3.3: %x21 / %x23-5B / %x5D-7E.
bool IsScopeToken(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
  });
}

std::vector<std::string_view> Split(std::string_view scope) {
  std::vector<std::string_view> tokens;
  while (!scope.empty()) {
    const std::size_t blank = scope.find(' ');
    tokens.push_back(scope.substr(0, blank));
    scope = blank == std::string_view::npos ? std::string_view() : scope.substr(blank + 1);
  }
  return tokens;
}

void AppendToken(std::string_view token, std::string* scope) {
  if (HasScope(*scope, token)) return;
  if (!scope->empty()) scope->push_back(' ');
  scope->append(token);
}

Error InvalidScope(std::string description) {
  return {.code = ErrorCode::kInvalidScope, .description = std::move(description)};
}

}  // namespace

bool HasScope(std::string_view scope, std::string_view token) {
  const auto tokens = Split(scope);
  return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

Answer<std::string> GrantScope(std::string_view requested) {
  std::string granted;
  for (const std::string_view token : Split(requested)) {
    if (!IsScopeToken(token))
      return InvalidScope("scope is not a list of words with one blank between.");
    if (std::find(kKnownScopes.begin(), kKnownScopes.end(), token) != kKnownScopes.end()) {
      AppendToken(token, &granted);
    }
  }
  if (granted.empty() && !requested.empty()) {
    return InvalidScope(
        "No scope asked for is known here. Known: openid profile email offline_access.");
  }
  return granted;
}

Answer<std::string> NarrowScope(std::string_view requested, std::string_view granted) {
  if (requested.empty()) return std::string(granted);
  std::string narrowed;
  for (const std::string_view token : Split(requested)) {
    if (!HasScope(granted, token)) return InvalidScope("scope asks for more than was granted.");
    AppendToken(token, &narrowed);
  }
  return narrowed;
}

}  // namespace oauth
