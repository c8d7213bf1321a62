// The parameters of one request, from a form (application/x-www-form-urlencoded), a query or a flat
// JSON object. Empty counts as absent, unknown names are kept and ignored, a repeated name is an
// error (RFC 6749 §3.2). Bounded: 64 parameters, the loop bounds the bytes. What each of them may
// hold: known_params.h.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace http {

class Params {
 public:
  // "" where absent or empty. The view lives as long as the Params.
  std::string_view Get(std::string_view name) const;
  // kInvalid: the name is there already, or there are too many. kExists: `resource` is there already,
  // which is no malformed request (RFC 8707 §2), but more than is granted per request.
  base::Status Add(std::string name, std::string value);

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// kInvalid says what is wrong: bad percent encoding, bytes that are no UTF-8, control characters, a
// repeated name.
base::Result<Params> ParseForm(std::string_view text);

// The query or the form of a page. Unknown names are passed over whatever they hold: links go through
// mail programs and trackers, which append what they like. kInvalid as above for the known ones.
base::Result<Params> ParsePageForm(std::string_view text);

// A JSON object: texts, numbers and booleans become parameters, null counts as absent. A number is the
// text that was sent. An array or object is kept out where its name is unknown (known_params.h); a known
// one is kInvalid, for without it the request would mean something wider; several texts in the array of
// `resource` are that name repeated. kInvalid: not an object, or none that json::Parse takes; a repeated
// name as Add.
base::Result<Params> ParseJson(std::string_view text);

// By content type. kInvalid: malformed; kExists: as Add; kDenied: a content type that is neither (415). An empty
// body is no parameters, whatever its type.
base::Result<Params> ParseBody(std::string_view content_type, std::string_view body);

inline constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

// A Content-Type header's media type, whatever its case and parameters, is this one (in lower case).
bool IsMediaType(std::string_view content_type, std::string_view media_type);

// Percent-decodes a form value ('+' is a blank). kInvalid as above.
base::Result<std::string> DecodeFormValue(std::string_view text);

}  // namespace http
