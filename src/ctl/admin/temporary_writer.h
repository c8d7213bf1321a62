// A writer for the duration of one command, on a data folder that nothing serves yet: `latchkey
// init`, and the first start of the demo. It is the same binary that serves later, beside this
// executable, with a socket of its own. Move-only; lives on main's thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "base/os/unique_fd.h"
#include "base/settings.h"
#include "base/status.h"

namespace ctl {

class TemporaryWriter {
 public:
  // Ready for records when it returns (at most 15 s). The folders of `settings` exist, as absolute
  // paths. Its log goes to DATA/log/init.log. kNotFound: no latchkey-writer beside this executable;
  // kUnavailable: it ended or was silent, with its last line.
  static base::Result<TemporaryWriter> Start(const base::Settings& settings,
                                             const std::string& config_path);
  TemporaryWriter(TemporaryWriter&& other) noexcept;
  TemporaryWriter& operator=(TemporaryWriter&&) = delete;
  TemporaryWriter(const TemporaryWriter&) = delete;
  // Stops it in order (SIGTERM, 10 s, then SIGKILL) and removes the socket.
  ~TemporaryWriter();

  const std::string& socket_path() const { return socket_path_; }

 private:
  TemporaryWriter(std::string socket_path, base::UniqueFd socket, pid_t pid)
      : socket_path_(std::move(socket_path)), socket_(std::move(socket)), pid_(pid) {}

  base::Status WaitUntilReady(const std::string& log_path);

  std::string socket_path_;
  base::UniqueFd socket_;
  pid_t pid_ = -1;  // -1: none, or ended already
};

}  // namespace ctl
