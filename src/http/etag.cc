#include "http/etag.h"

namespace http {

namespace {

// List elements may be empty (RFC 9110 §5.6.1.2).
void SkipToElement(std::string_view* list) {
  const std::size_t start = list->find_first_not_of(" \t,");
  list->remove_prefix(start == std::string_view::npos ? list->size() : start);
}

// Takes one tag off the list, without its weakness: `"opaque"`. Empty: there is none.
std::string_view TakeTag(std::string_view* list) {
  if (list->starts_with("W/")) list->remove_prefix(2);
  if (!list->starts_with('"')) return {};
  const std::size_t end = list->find('"', 1);
  if (end == std::string_view::npos) return {};
  const std::string_view tag = list->substr(0, end + 1);
  list->remove_prefix(tag.size());
  return tag;
}

}  // namespace

bool IfNoneMatchNames(std::string_view if_none_match, std::string_view etag) {
  SkipToElement(&if_none_match);
  if (if_none_match.starts_with('*')) return true;
  while (!if_none_match.empty()) {
    const std::string_view tag = TakeTag(&if_none_match);
    if (tag.empty()) return false;
    if (tag == etag) return true;
    SkipToElement(&if_none_match);
  }
  return false;
}

}  // namespace http
