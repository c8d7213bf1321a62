// Choices of a grammar, all of them made from one number, so that an input can be grown again. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fuzz {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // SplitMix64: two neighbouring seeds have nothing in common.
  std::uint64_t Next() {
    std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15ULL);
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31U);
  }
  std::size_t Below(std::size_t limit) { return limit == 0 ? 0 : Next() % limit; }
  // true once in `times`.
  bool OneIn(std::size_t times) { return Below(times) == 0; }
  // 0 to `limit`, short ones as likely as all longer ones together.
  std::size_t Length(std::size_t limit) { return Below(1 + (OneIn(2) ? limit / 16 : limit)); }
  char Byte() { return static_cast<char>(Next()); }

  template <class Choices>
  const auto& Pick(const Choices& choices) {
    return choices[Below(std::size(choices))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace fuzz
