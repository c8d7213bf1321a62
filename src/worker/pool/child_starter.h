// Starts the children of one pool and keeps what they share with their parent: the heartbeat page
// and the pipe by whose end they notice that it is gone. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/os/unique_fd.h"
#include "base/status.h"
#include "worker/pool/child_process.h"
#include "worker/pool/heartbeat_page.h"

namespace worker {

class ChildStarter {
 public:
  // `program` is executed anew for each child, so that a new binary at its path is taken up.
  static base::Result<ChildStarter> Create(std::string program, std::vector<std::string> arguments);

  // A child, starting, on a socket. Its heartbeat slot stays taken until Forget.
  base::Result<ChildProcess> Start(const std::string& name, int listen_fd, base::milliseconds now);
  // The child is gone.
  void Forget(const ChildProcess& child) { slot_taken_[child.heartbeat_slot] = false; }
  std::uint64_t HeartbeatOf(const ChildProcess& child) const {
    return heartbeats_.Get(child.heartbeat_slot);
  }
  // The program with --check-config behind its arguments.
  base::Result<pid_t> StartCheck() const;

 private:
  ChildStarter(std::string program, std::vector<std::string> arguments, HeartbeatPage heartbeats)
      : program_(std::move(program)),
        arguments_(std::move(arguments)),
        heartbeats_(std::move(heartbeats)) {}

  std::string program_;
  std::vector<std::string> arguments_;
  HeartbeatPage heartbeats_;
  std::array<bool, HeartbeatPage::kSlots> slot_taken_{};
  base::UniqueFd parent_pipe_read_, parent_pipe_write_;  // nobody writes: it closes with the parent
};

}  // namespace worker
