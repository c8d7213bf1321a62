// A client's connection to the writer: opened when first needed, opened again after it broke, with
// a back-off of 10 ms doubling to 200 ms while opening fails or brings no answer. Registers itself
// with the epoll of its loop. Never waits. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/os/unique_fd.h"
#include "base/status.h"
#include "wire/frame_io.h"

namespace wire {

class Connection {
 public:
  struct Target {
    std::string socket_path;
    std::string name;  // for HELLO, as the next
    std::string operator_name = {};
    std::optional<uid_t> socket_owner = {};
    int epoll_fd = -1;
    std::uint64_t epoll_tag = 0;
  };
  explicit Connection(Target target) : target_(std::move(target)) {}

  bool is_open() const { return fd_.valid(); }
  // Connects and says HELLO. kUnavailable before retry_at().
  base::Status Open(base::milliseconds now);
  void Close(base::milliseconds now);
  base::milliseconds retry_at() const { return retry_at_; }

  Received Receive(FrameBuffer* buffer) { return ReceiveFrame(fd_.get(), buffer); }
  Io Send(std::string_view frame) { return SendFrame(fd_.get(), frame); }
  // An answer came: the next break is a new one, and is met without a wait.
  void NoteAnswer() { back_off_ = base::milliseconds(0); }

  // While set, the loop reports EPOLLOUT too.
  bool waits_for_room() const { return waits_for_room_; }
  void WaitForRoom(bool wait);

 private:
  base::Status Register();
  void BackOff(base::milliseconds now);

  Target target_;
  base::UniqueFd fd_;
  bool waits_for_room_ = false;
  base::milliseconds back_off_{0};  // the last one; 0: none since the last answer
  base::milliseconds retry_at_{0};
};

}  // namespace wire
