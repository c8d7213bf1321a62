// One GET /healthz, step by step, so that the supervisor's loop goes on meanwhile. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "base/os/unique_fd.h"

namespace supervisor {

class HealthProbe {
 public:
  enum class State : std::uint8_t { kWaiting, kHealthy, kFailed };

  // `listen_fd`: a listening TCP socket; the probe connects to its address (the loopback where that
  // is any address). Borrowed during the call.
  explicit HealthProbe(int listen_fd);

  int fd() const { return fd_.get(); }  // worth a look when readable; -1: none
  // Takes what has come. kHealthy: a status line with 200; kFailed: any other answer or none.
  State Step();
  // After kFailed: the status line, or that there was none. In words that follow "/healthz".
  std::string answer() const;

 private:
  base::UniqueFd fd_;
  std::string received_;
};

}  // namespace supervisor
