// A fuzzer is a file tests/ROOM/NAME_fuzz.cc with the two functions below; fuzz_driver.cc is its main.
// In `make check` each runs for a fixed number of inputs, in `make fuzz` under the sanitizers for
// minutes. FuzzOne has libFuzzer's meaning, so that the file can be given to that as well.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

// Good and bad inputs to start from.
std::vector<std::string> Seeds();

// One input. `bytes` ends where its heap block ends. A promise that does not hold: Require.
void FuzzOne(std::string_view bytes);

inline void Require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

}  // namespace fuzz
