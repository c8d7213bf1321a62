#include "base/siphash.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

namespace {

using base::SipHash24;
using base::SipKey;

// The key 00 01 .. 0f of the paper's appendix A.
constexpr SipKey kKey{.k0 = 0x0706050403020100ULL, .k1 = 0x0f0e0d0c0b0a0908ULL};

// 00 01 .. , so many bytes.
std::string Counting(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i));
  return text;
}

TEST(SipHash24, GivesTheHashOfThePapersAppendixA) {
  EXPECT_EQ(SipHash24(kKey, Counting(15)), 0xa129ca6149be45e5ULL);
}

// From the authors' vectors: the first word, its ends, and the longest.
TEST(SipHash24, GivesTheAuthorsVectorsForEachLengthOfALastWord) {
  const struct {
    std::size_t size;
    std::uint64_t hash;
  } kVectors[] = {{0, 0x726fdb47dd0e0e31ULL},  {1, 0x74f839c593dc67fdULL},
                  {2, 0x0d6c8009d9a94f5aULL},  {3, 0x85676696d7fb7e2dULL},
                  {7, 0xab0200f58b01d137ULL},  {8, 0x93f5f5799a932462ULL},
                  {16, 0x3f2acc7f57c29bdbULL}, {63, 0x958a324ceb064572ULL}};
  for (const auto& vector : kVectors) {
    EXPECT_EQ(SipHash24(kKey, Counting(vector.size)), vector.hash) << vector.size;
  }
}

TEST(SipHash24, IsAnotherFunctionUnderAnotherKey) {
  const SipKey others[] = {{}, {.k0 = kKey.k0, .k1 = 0}, {.k0 = 0, .k1 = kKey.k1}};
  std::set<std::uint64_t> hashes{SipHash24(kKey, "text")};
  for (const SipKey& key : others) hashes.insert(SipHash24(key, "text"));
  EXPECT_EQ(hashes.size(), 4U);
}

TEST(SipHash24, TellsZerosOfDifferentLengthsApart) {
  std::set<std::uint64_t> hashes;
  for (std::size_t size = 0; size < 40; ++size)
    hashes.insert(SipHash24(kKey, std::string(size, '\0')));
  EXPECT_EQ(hashes.size(), 40U);
}

}  // namespace
