#include "oauth/scope.h"

#include <algorithm>

namespace oauth {

namespace {

// scope-token of RFC 6749 §3.3: %x21 / %x23-5B / %x5D-7E.
bool IsScopeToken(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
  });
}

// The first token, taken from `rest`.
std::string_view TakeToken(std::string_view* rest) {
  const std::size_t blank = rest->find(' ');
  const std::string_view token = rest->substr(0, blank);
  *rest = blank == std::string_view::npos ? std::string_view() : rest->substr(blank + 1);
  return token;
}

void AppendToken(std::string_view token, std::string* scope) {
  if (HasScope(*scope, token)) return;
  if (!scope->empty()) scope->push_back(' ');
  scope->append(token);
}

bool IsKnown(std::string_view token) {
  return std::any_of(kScopes.begin(), kScopes.end(),
                     [token](const ScopeMeaning& known) { return known.scope == token; });
}

domain::Error InvalidScope(std::string description) {
  return {.code = domain::ErrorCode::kInvalidScope, .description = std::move(description)};
}

}  // namespace

std::string KnownScopes() {
  std::string all;
  for (const ScopeMeaning& known : kScopes) AppendToken(known.scope, &all);
  return all;
}

bool HasScope(std::string_view scope, std::string_view token) {
  while (!scope.empty()) {
    if (TakeToken(&scope) == token) return true;
  }
  return false;
}

bool Gives(std::string_view scope, ScopedClaim claim) {
  return std::any_of(kScopes.begin(), kScopes.end(), [=](const ScopeMeaning& known) {
    return known.claim == claim && HasScope(scope, known.scope);
  });
}

domain::Answer<std::string> GrantScope(std::string_view requested, std::string_view allowed) {
  std::string granted;
  for (std::string_view rest = requested; !rest.empty();) {
    const std::string_view token = TakeToken(&rest);
    if (!IsScopeToken(token))
      return InvalidScope("scope is not a list of words with one blank between.");
    const bool is_allowed = allowed.empty() || HasScope(allowed, token);
    if (is_allowed && IsKnown(token)) AppendToken(token, &granted);
  }
  if (granted.empty() && !requested.empty()) {
    return InvalidScope("This client may ask for no scope that it named. It may ask for: " +
                        (allowed.empty() ? KnownScopes() : std::string(allowed)) + ".");
  }
  return granted;
}

domain::Answer<std::string> NarrowScope(std::string_view requested, std::string_view granted) {
  if (requested.empty()) return std::string(granted);
  std::string narrowed;
  for (std::string_view rest = requested; !rest.empty();) {
    const std::string_view token = TakeToken(&rest);
    if (!HasScope(granted, token)) return InvalidScope("scope asks for more than was granted.");
    AppendToken(token, &narrowed);
  }
  return narrowed;
}

}  // namespace oauth
