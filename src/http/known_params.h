// The parameters that this server knows, in one table: who may send them and what their text may hold.
// All others are nothing to it (RFC 6749 §3.2). Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace http {

// Whose parameter it is: a program's, in the body of a request to the API, or a page's, in its query or
// its form.
enum class Sender : std::uint8_t { kProgram, kPage };

bool IsKnown(std::string_view name, Sender sender);

// Makes of what was sent what the handlers read. A control character is an error, but not where people
// type or paste: those of a user code are dropped, those around an organization, an e-mail address or
// a link's token too, and a password is kept as it is, for its form to complain of. kInvalid: bytes
// that are no UTF-8 (RFC 3629), or a control character.
base::Status AdmitText(std::string_view name, std::string* text);

}  // namespace http
