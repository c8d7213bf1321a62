// `latchkey run --background`: a process that outlives the terminal, and a parent that waits until
// it answers. For a process with one thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/os/unique_fd.h"
#include "base/status.h"

namespace supervisor {

class Background {
 public:
  enum class Side : std::uint8_t { kParent, kChild };

  // Forks. The child leads a session of its own and writes its log (standard output and error) to
  // `log_path`, behind what stands there.
  static base::Result<Background> Detach(const std::string& log_path);

  Side side() const { return side_; }
  // Child: tells the parent that all is ready.
  void SayReady();
  // Parent: until the child said so. Where it ended instead: an error with the last lines of its
  // log.
  base::Status AwaitReady();
  // Parent: tells the child to stop and waits until it is gone.
  void StopChild();

 private:
  Side side_ = Side::kParent;
  pid_t child_ = 0;
  base::UniqueFd pipe_;  // the parent's end to read, or the child's to write
  std::string log_path_;
  off_t log_begin_ = 0;  // where this run's lines begin
};

}  // namespace supervisor
