// Entity tags (RFC 9110 §8.8.3) and the precondition that answers 304. Pure functions.
#pragma once

#include <string_view>

namespace http {

// Whether If-None-Match names the representation `etag` (with its quotes, strong): "*", or a list in
// which one tag has the same opaque part, weak or not (RFC 9110 §13.1.2: the weak comparison). What
// is no list of tags matches up to where it stops being one. Empty: the header was not sent.
bool IfNoneMatchNames(std::string_view if_none_match, std::string_view etag);

}  // namespace http
