// One answer. Values; built by handlers, written by the FastCGI loop alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/step.h"

namespace http {

inline constexpr std::size_t kUsualHeaders = 4;  // of an answer in JSON, at most; one allocation

struct Response {
  int status = 200;
  std::string_view content_type =
      "application/json;charset=UTF-8";                      // static storage; empty: no body
  std::vector<std::pair<std::string, std::string>> headers;  // no CR or LF in either half
  std::string body;
  // Of the error, for nginx's access log: a word of docs/api.md; static storage.
  std::string_view error = {};
};

// What a handler gives back: an answer, or a write to be made durable first.
using Outcome = domain::Step<Response>;

}  // namespace http
