// A fuzzer's end towards libFuzzer: half of its inputs are changed blindly, which coverage then judges; the other half
// come of a grammar, for what no blind change comes upon (a number with an exponent of ten digits, base64url of JSON).
#include <algorithm>
#include <cstring>

#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"

// Names and types are libFuzzer's: https://llvm.org/docs/LibFuzzer.html
// NOLINTBEGIN(readability-identifier-naming)
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FuzzOne({reinterpret_cast<const char*>(data), size});
  return 0;
}

namespace {

std::size_t Put(std::string_view text, std::uint8_t* data, std::size_t max_size) {
  const std::size_t size = std::min(text.size(), max_size);
  std::copy_n(text.begin(), size, reinterpret_cast<char*>(data));
  return size;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  fuzz::Random random(seed);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  switch (random.Below(8)) {
    case 0:
      return Put(fuzz::Grow(random), data, max_size);
    case 1:
      return LLVMFuzzerMutate(data, Put(fuzz::Grow(random), data, max_size), max_size);
    case 2:
    case 3:
      return Put(fuzz::ReplaceToken(text, random), data, max_size);
    default:
      return LLVMFuzzerMutate(data, size, max_size);
  }
}
// NOLINTEND(readability-identifier-naming)
