#include "crypto/secret_page.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

namespace {

using crypto::SecretPage;

// The flags of the mapping that holds the address (proc(5), smaps): "dd" is left out of cores, "lo" locked.
std::string FlagsOf(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool is_it = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
      is_it = begin <= wanted && wanted < end;
    } else if (is_it && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return "";
}

// Not under AddressSanitizer, which makes mlock(2) do nothing, nor in a container that forbids it.
bool MlockLocks() {
  const std::size_t size = 4096;
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ::mlock(memory, size);
  const bool is_locked = FlagsOf(memory).find(" lo ") != std::string::npos;
  ::munmap(memory, size);
  return is_locked;
}

TEST(SecretPage, IsLockedAndLeftOutOfCores) {
  SecretPage page(32);
  page.bytes()[0] = 1;
  const std::string flags = FlagsOf(page.bytes().data());
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
  EXPECT_EQ(flags.find(" lo ") != std::string::npos, MlockLocks()) << flags;
}

TEST(SecretPage, ACopyHasItsOwnPageAndTheSameBytes) {
  SecretPage page(32);
  std::ranges::fill(page.bytes(), std::uint8_t{7});
  SecretPage copy(page);
  EXPECT_NE(copy.bytes().data(), page.bytes().data());
  EXPECT_TRUE(std::ranges::equal(copy.bytes(), page.bytes()));
  EXPECT_NE(FlagsOf(copy.bytes().data()).find(" dd "), std::string::npos);
  copy.bytes()[3] = 1;
  EXPECT_EQ(page.bytes()[3], 7);
  SecretPage other(32);
  other = page;
  EXPECT_EQ(other.bytes()[3], 7);
  const SecretPage moved(std::move(other));
  EXPECT_EQ(moved.bytes()[31], 7);
}

}  // namespace
