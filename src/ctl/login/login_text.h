// What `latchkey login` shows: where to go, and who signed in. Pure functions, thread-safe.
// Whatever a server sent passes Printable().
#pragma once

#include <cstddef>
#include <string>

#include "ctl/login/device_login.h"
#include "ctl/print/json.h"

namespace ctl {

struct QrChoice {
  bool wanted = true;
  bool colours = false;     // the terminal takes escape sequences
  std::size_t columns = 0;  // of the terminal; a wider code is left out
};

// RFC 8628 §3.3, §3.3.1: the address that holds the code, the code for comparison, and the way by
// hand.
std::string InstructionsText(const DeviceAuthorization& authorization, const QrChoice& qr);

// `user` and `subscription` as GET /api/user and /api/subscription answer.
std::string SignedInText(const Json& user, const Json& subscription, const Tokens& tokens);
JsonObject SignedInJson(const Json& user, const Json& subscription, const Tokens& tokens);

}  // namespace ctl
