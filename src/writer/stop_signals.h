// SIGTERM and SIGINT as a descriptor for the epoll: blocked everywhere else, so that none comes at
// the wrong moment and no handler needs a global. SIGHUP and SIGPIPE are ignored. For the whole
// process; made once, before any thread. Source: signalfd(2).
#pragma once

#include <utility>

#include "base/os/unique_fd.h"
#include "base/status.h"

namespace writer {

class StopSignals {
 public:
  static base::Result<StopSignals> Open();
  int fd() const { return fd_.get(); }  // readable once one of them came, and for ever after

 private:
  explicit StopSignals(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace writer
