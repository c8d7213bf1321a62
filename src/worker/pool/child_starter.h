// Starts the children of one pool and keeps what they share with their parent: their slots
// and the pipe by whose end they notice that it is gone. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/os/unique_fd.h"
#include "base/status.h"
#include "worker/pool/child_process.h"
#include "worker/pool/child_slots.h"

namespace worker {

class ChildStarter {
 public:
  // `program` is executed anew for each child, so that a new binary at its path is taken up.
  static base::Result<ChildStarter> Create(std::string program, std::vector<std::string> arguments);

  // A child, starting, on a socket. Its slot stays taken until Forget.
  base::Result<ChildProcess> Start(const std::string& name, int listen_fd, base::milliseconds now);
  // The child is gone, and what its death means was noted.
  void Forget(const ChildProcess& child);
  std::uint64_t HeartbeatOf(const ChildProcess& child) const {
    return slots_.HeartbeatOf(child.slot);
  }
  // What a child that is gone worked on.
  std::optional<Work> WorkOf(const ChildProcess& child) const { return slots_.WorkOf(child.slot); }
  // The program with --check-config behind its arguments.
  base::Result<pid_t> StartCheck() const;

 private:
  ChildStarter(std::string program, std::vector<std::string> arguments, ChildSlots slots)
      : program_(std::move(program)), arguments_(std::move(arguments)), slots_(std::move(slots)) {}

  std::string program_;
  std::vector<std::string> arguments_;
  ChildSlots slots_;
  std::array<bool, ChildSlots::kSlots> slot_taken_{};
  base::UniqueFd parent_pipe_read_, parent_pipe_write_;  // nobody writes: it closes with the parent
};

}  // namespace worker
