// A fuzzer is a file tests/MODULE/NAME_fuzz.cc with the two functions below; its seeds and what it broke once lie in
// tests/MODULE/corpus/NAME/, words of its language in tests/MODULE/corpus/NAME.dict (both may be missing).
//
// `make fuzz` builds it with clang into build/asan, where libFuzzer looks for new inputs by what they reach
// (libfuzzer.cc). Every other build has replay.cc in its place: the corpus and a fixed number of grown inputs are a unit
// test, so that no crash comes back unseen where there is no clang.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fuzz/random.h"

namespace fuzz {

// One input. `bytes` ends where its heap block ends, so that a sanitizer sees a read past it. A promise that does not
// hold: Require.
void FuzzOne(std::string_view bytes);

// An input by the grammar of what is parsed: mostly right, sometimes wrong in one place.
std::string Grow(Random& random);

inline void Require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

}  // namespace fuzz
