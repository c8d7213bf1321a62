// Signals of a child: none ever interrupts it. SIGTERM and SIGQUIT are blocked for good and read
// from a descriptor in the loop's epoll. (Letting them through in epoll_pwait alone would lose them
// under load: that call delivers no signal while it finds events ready, so a child that is never
// idle would never drain.) Process-wide by nature.
#pragma once

#include <cstdint>
#include <utility>

#include "base/os/unique_fd.h"
#include "base/status.h"

namespace worker {

enum class ChildSignal : std::uint8_t {
  kNone,
  kDrain,  // SIGTERM: a replacement accepts already; serve kept connections until nginx lets go
  kStop    // SIGQUIT: the pool stops; answer what is here and close
};

class ChildSignals {
 public:
  // Ignores SIGPIPE, SIGINT, SIGHUP and SIGUSR1: the parent alone tells a child to stop. Signals
  // that came before and were blocked by the parent's mask are not lost. Call after InitFcgi, which
  // installs handlers.
  static base::Result<ChildSignals> Take();

  int fd() const { return fd_.get(); }  // readable while Next() has something to say
  ChildSignal Next();

 private:
  explicit ChildSignals(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace worker
