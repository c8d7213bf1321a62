#include "wire/connection.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "wire/frame.h"

namespace wire {

namespace {

constexpr base::milliseconds kFirstBackOff{10};
constexpr base::milliseconds kLongestBackOff{200};

}  // namespace

base::Status Connection::Open(base::milliseconds now) {
  if (now < retry_at_) return {base::Code::kUnavailable, "waiting before the next attempt"};
  auto fd = ConnectTo(target_.socket_path, target_.socket_owner);
  if (!fd.ok()) {
    BackOff(now);
    return fd.error();
  }
  fd_ = std::move(*fd);
  WidenSendBuffer(fd_.get());
  const Hello hello{.pid = static_cast<std::uint32_t>(getpid()),
                    .name = target_.name,
                    .operator_name = target_.operator_name};
  base::Status status = Register();
  if (status.ok() && Send(EncodeHello(hello)) != Io::kDone) {
    status = {base::Code::kUnavailable, "the writer closed the connection at once"};
  }
  if (!status.ok()) Close(now);
  return status;
}

void Connection::Close(base::milliseconds now) {
  fd_.Reset();  // leaves the epoll by itself: nobody else holds the descriptor
  waits_for_room_ = false;
  BackOff(now);
}

// The first break after an answer is met at once: a planned restart hands over the listening
// socket, so that the next writer is reached, or queued for, without a gap.
void Connection::BackOff(base::milliseconds now) {
  retry_at_ = now + back_off_;
  back_off_ = std::clamp(back_off_ * 2, kFirstBackOff, kLongestBackOff);
}

base::Status Connection::Register() {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = target_.epoll_tag}};
  if (epoll_ctl(target_.epoll_fd, EPOLL_CTL_ADD, fd_.get(), &event) == 0) return {};
  return base::ErrnoStatus("epoll_ctl", errno);
}

void Connection::WaitForRoom(bool wait) {
  if (wait == waits_for_room_) return;
  waits_for_room_ = wait;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = target_.epoll_tag}};
  if (wait) event.events |= EPOLLOUT;
  epoll_ctl(target_.epoll_fd, EPOLL_CTL_MOD, fd_.get(), &event);
}

}  // namespace wire
