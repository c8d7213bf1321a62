#include "echo/answer.h"

#include <array>
#include <string_view>

namespace echo {

namespace {

constexpr std::string_view kAnswer =
    "Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"ok\": true}";

}  // namespace

void Answer(FCGX_Request* request) {
  // Unread input of a kept connection would be taken for the next request.
  std::array<char, 4096> body;
  while (FCGX_GetStr(body.data(), static_cast<int>(body.size()), request->in) > 0) {
  }
  FCGX_PutStr(kAnswer.data(), static_cast<int>(kAnswer.size()), request->out);
}

}  // namespace echo
