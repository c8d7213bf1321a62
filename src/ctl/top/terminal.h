// A terminal taken over for one full-screen command: no echo, keys as they come, a screen of its own; given
// back as it was when this ends, however it ends. Plain ANSI sequences that every terminal of the last
// decades knows; no library (docs/decisions/top.md). One at a time; main's thread.
#pragma once

#include <termios.h>

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/os/unique_fd.h"
#include "base/status.h"

namespace ctl {

class Terminal {
 public:
  // false: input or output is a file or a pipe, so that nobody looks.
  static bool IsThere();
  // Blocks SIGINT, SIGTERM and SIGHUP until it ends: WaitForQuit tells of them.
  static base::Result<std::unique_ptr<Terminal>> Open();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  struct Size {
    std::size_t rows = 24, columns = 80;
  };
  Size size() const;  // as it is now
  // Replaces what is shown. `text` has no more lines than there are rows.
  void Show(std::string_view text);
  // true: q, Ctrl-C, a signal, or the terminal went away; false: `timeout` passed.
  bool WaitForQuit(base::milliseconds timeout);

 private:
  Terminal(const termios& former, base::UniqueFd signals);

  termios former_;
  base::UniqueFd signals_;
};

}  // namespace ctl
