// A child as its parent sees it. Not thread-safe. The parent runs one thread, so that fork is safe.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/os/unique_fd.h"
#include "base/status.h"

namespace worker {

// What a child says over its ready pipe, a byte each.
inline constexpr char kReadyNotification = 'K';    // the next step is the first wait for a request
inline constexpr char kRecycleNotification = 'R';  // enough requests served: replace me

// Forks and executes `program`; of this process's descriptors only `kept_fds` and the standard ones
// stay open. The child starts with the caller's signal mask. kUnavailable: the kernel has no room;
// a program that cannot be executed exits with 127.
base::Result<pid_t> Spawn(const std::string& program, const std::vector<std::string>& arguments,
                          const std::vector<int>& kept_fds);

struct ChildProcess {
  enum class State : std::uint8_t { kStarting, kServing, kDraining };

  std::string name;
  pid_t pid = 0;
  State state = State::kStarting;
  base::UniqueFd ready_pipe;          // read end, non-blocking
  std::size_t slot = 0;               // of ChildSlots
  base::milliseconds state_since{0};  // monotonic
  std::uint64_t heartbeat = 0;
  base::milliseconds heartbeat_still_for{0};
};

// Ended by itself: by any signal but SIGKILL, or with any exit code but 0. (SIGKILL comes from
// outside: a person, the kernel short of memory, a parent whose child stood still.)
bool EndedByItself(int wait_status);
// "exit 1" or "signal 9 (Killed)", from waitpid's status.
std::string DescribeExit(int wait_status);

}  // namespace worker
