// What is asked and what a right answer looks like. Read once, then shared by all threads
// unchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace load {

// One kind of request. Its bytes are head + variants[i], where the variants carry what changes from
// one request to the next: a line of the tokens file, or of the bodies file.
struct RequestKind {
  std::string name = "request";
  std::uint32_t weight = 1;
  std::string head;
  std::vector<std::string> variants;  // never empty
  int status = 200;
  std::string answer_type = "application/json";  // what the content type must begin with
  std::string contains;                          // looked for in a sample of the bodies
  std::string save_name;                         // JSON member written out from every right answer
  std::string save_path;
  // Each variant is sent once at most; the load ends when they are used up.
  bool once = false;
};

struct Scenario {
  std::vector<RequestKind> kinds;  // never empty
  std::uint32_t weights = 0;       // their sum

  const RequestKind& Choose(std::uint64_t random, std::size_t* index) const;
};

// Reads specs such as
//   name=read weight=70 path=/api/user tokens=FILE contains="email"
//   name=code weight=30 method=POST path=/auth/device/code type=application/json bodies=FILE
//   status=200 answer-type=application/json save=device_code:FILE
//   once=yes, for bodies that are right only the first time
// `host` is the Host field. kInvalid names the word that is wrong; a file error its path.
base::Result<Scenario> ParseScenario(const std::vector<std::string>& specs, std::string_view host);

}  // namespace load
