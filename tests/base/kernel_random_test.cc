#include "base/os/kernel_random.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <vector>

namespace base {
namespace {

TEST(KernelRandom, FillsAllOfIt) {
  std::set<std::vector<std::uint8_t>> drawn;
  for (const std::size_t size : {8U, 16U, 1000U}) {
    std::vector<std::uint8_t> bytes(size);
    FillFromKernel(bytes);
    drawn.insert(std::vector<std::uint8_t>(bytes.end() - 8, bytes.end()));
  }
  EXPECT_EQ(drawn.size(), 3U) << "the ends differ";
  FillFromKernel({});
}

// As in a sandbox whose list of system calls lacks it.
void ForbidRandom() {
  std::array filter{
      sock_filter(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))),
      sock_filter(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1)),
      sock_filter(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)),
      sock_filter(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)),
  };
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    std::_Exit(EXIT_FAILURE);
  }
}

TEST(KernelRandomDeathTest, WithoutAnyTheProcessEndsAndSaysWhy) {
  std::array<std::uint8_t, 16> bytes{};
  EXPECT_EXIT(
      {
        ForbidRandom();
        FillFromKernel(bytes);
      },
      testing::KilledBySignal(SIGABRT), "no random bytes from the kernel: Operation not permitted");
}

}  // namespace
}  // namespace base
