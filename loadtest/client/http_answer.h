// Reading HTTP/1.1 answers as nginx sends them: enough to tell a right answer from a wrong one.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace load {

struct HttpAnswer {
  int status = 0;
  std::string_view content_type;
  std::string body;       // set where the caller wants it
  std::size_t bytes = 0;  // of the whole answer
  bool closes = false;    // "Connection: close"
};

enum class Parsed { kIncomplete, kMalformed, kComplete };
enum class Body { kSkip, kKeep };

// Reads one answer from the front of `bytes`; views in it point into `bytes`. Takes Content-Length
// and chunked bodies; an answer without either has no body.
Parsed ParseAnswer(std::string_view bytes, Body body, HttpAnswer* answer);

// The value of a member whose value is a string without escapes, found by its name alone: good for
// answers that are known to have it. nullopt where it is missing.
std::optional<std::string_view> JsonText(std::string_view json, std::string_view name);

}  // namespace load
