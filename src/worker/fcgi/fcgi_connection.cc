#include "worker/fcgi/fcgi_connection.h"

#include <fcgiapp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/os/unix_socket.h"

// How libfcgi is used here
// ------------------------
// libfcgi thinks in blocking calls; the loop's epoll decides when to make one, so that none waits:
//  - a new connection: FCGX_InitRequest with the non-blocking listening socket, then
//    FCGX_Accept_r, which accepts and reads the first request's parameters. From then on the
//    request has no listening socket, because FCGX_Accept_r on a connection that nginx closed would
//    accept another one in its place.
//  - a kept connection that is readable: FCGX_Accept_r again, which reads the next request from it.
//  - an answer is written as records here, not through libfcgi's stream, which has 8 KiB from the request's
//    start to its end; FCGX_Free then ends the request and keeps the descriptor where nginx asked for that.
// libfcgi reads ahead into a buffer that ends with the request, so a body must be read to its end.

namespace worker {

namespace {

constexpr std::size_t kMostSkippedBytes = 1024 * 1024;
constexpr int kNoListeningSocket = -1;

// Records, FastCGI 1.0 sections 3.3, 5.3 and 5.5.
constexpr std::size_t kMostContent = 65535;
enum class Record : std::uint8_t { kEndRequest = 3, kStdout = 6 };
using Bytes8 = std::array<std::uint8_t, 8>;  // a header; the body of FCGI_END_REQUEST

Bytes8 RecordHeader(Record type, std::uint16_t request_id, std::size_t content) {
  return {1,  // FCGI_VERSION_1
          static_cast<std::uint8_t>(type),
          static_cast<std::uint8_t>(request_id >> 8),
          static_cast<std::uint8_t>(request_id),
          static_cast<std::uint8_t>(content >> 8),
          static_cast<std::uint8_t>(content),
          0,   // padding
          0};  // reserved
}

// The time that an answer may wait for nginx, counted from when it first had to.
class Patience {
 public:
  explicit Patience(base::milliseconds limit) : limit_(limit) {}
  // false: nginx did not make room in time.
  bool AwaitRoom(int fd) {
    const std::int64_t now = base::MonotonicMicros();
    if (ends_at_ == 0) ends_at_ = now + 1000 * limit_.count();
    const int left = static_cast<int>((ends_at_ - now) / 1000);
    pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
    return left > 0 && ::poll(&room, 1, left) != 0;
  }

 private:
  base::milliseconds limit_;
  std::int64_t ends_at_ = 0;
};

// false: nginx is gone, or too slow.
bool SendAll(int fd, std::span<iovec> parts, Patience* patience) {
  while (!parts.empty()) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t result = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (result < 0 && errno == EINTR) continue;
    if (result < 0 && errno == EAGAIN && patience->AwaitRoom(fd)) continue;
    if (result <= 0) return false;
    auto sent = static_cast<std::size_t>(result);
    while (!parts.empty() && sent >= parts.front().iov_len) {
      sent -= parts.front().iov_len;
      parts = parts.subspan(1);
    }
    if (parts.empty()) return true;
    parts.front() = {static_cast<char*>(parts.front().iov_base) + sent,
                     parts.front().iov_len - sent};
  }
  return true;
}

bool SendAnswer(int fd, std::uint16_t request_id, std::string_view text, base::milliseconds limit) {
  Patience patience(limit);
  Bytes8 end_of_stdout = RecordHeader(Record::kStdout, request_id, 0);
  Bytes8 end = RecordHeader(Record::kEndRequest, request_id, sizeof(Bytes8));
  Bytes8 complete{};  // application status 0, FCGI_REQUEST_COMPLETE
  while (true) {
    const std::string_view content = text.substr(0, kMostContent);
    text.remove_prefix(content.size());
    Bytes8 header = RecordHeader(Record::kStdout, request_id, content.size());
    std::array<iovec, 5> parts = {{{header.data(), header.size()},
                                   {const_cast<char*>(content.data()), content.size()},
                                   {end_of_stdout.data(), end_of_stdout.size()},
                                   {end.data(), end.size()},
                                   {complete.data(), complete.size()}}};
    if (text.empty()) return SendAll(fd, parts, &patience);
    if (!SendAll(fd, std::span(parts).first(2), &patience)) return false;
  }
}

int Read(FCGX_Stream* in, char* to, std::size_t size) {
  return std::max(FCGX_GetStr(to, static_cast<int>(size), in), 0);
}

}  // namespace

base::Status InitFcgi() {
  // The first: closing a connection must not wait for nginx to close its side. The second: how long
  // an accepted connection may stay silent before libfcgi drops it; at 0 it drops those nginx is
  // slow on.
  setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "0", 1);
  setenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", "200", 1);
  if (FCGX_Init() != 0) return {base::Code::kInternal, "FCGX_Init failed"};
  return {};
}

FcgiConnection::FcgiConnection() : fcgi_(std::make_unique<FCGX_Request>()) {
  FCGX_InitRequest(fcgi_.get(), kNoListeningSocket, 0);
}
FcgiConnection::~FcgiConnection() { Close(); }

FcgiConnection::Accepted FcgiConnection::Accept(int listen_fd, base::milliseconds timeout,
                                                int* error_number) {
  FCGX_InitRequest(fcgi_.get(), listen_fd, 0);
  const int result = FCGX_Accept_r(fcgi_.get());
  fcgi_->listen_sock = kNoListeningSocket;
  if (result == -EAGAIN || result == -EINTR) return Accepted::kNobodyWaits;
  if (result != 0) {
    *error_number = -result;
    return Accepted::kFailed;
  }
  timeout_ = timeout;
  // Fails only where the descriptor is no socket; then reads and writes report it.
  (void)base::SetTimeouts(fd(), timeout);
  return Accepted::kRequest;
}

bool FcgiConnection::NextRequest() { return FCGX_Accept_r(fcgi_.get()) == 0; }

const char* const* FcgiConnection::environment() const { return fcgi_->envp; }

std::size_t FcgiConnection::ReadBody(std::span<char> buffer) {
  const auto size = static_cast<std::size_t>(Read(fcgi_->in, buffer.data(), buffer.size()));
  if (size < buffer.size()) return size;
  std::array<char, 4096> rest;
  for (std::size_t skipped = 0; skipped < kMostSkippedBytes; skipped += rest.size()) {
    if (Read(fcgi_->in, rest.data(), rest.size()) == 0) break;
  }
  return size;
}

bool FcgiConnection::Answer(std::string_view text, After after) {
  const bool keeps = after == After::kAsNginxAsked && fcgi_->keepConnection != 0 && !BodyIsLeft();
  if (!SendAnswer(fd(), static_cast<std::uint16_t>(fcgi_->requestId), text, timeout_) || !keeps) {
    Close();
    return false;
  }
  FCGX_Free(fcgi_.get(), 0);
  return true;
}

bool FcgiConnection::BodyIsLeft() const {
  if (fcgi_->in == nullptr) return body_was_left_;
  return FCGX_HasSeenEOF(fcgi_->in) == 0 || FCGX_GetError(fcgi_->in) != 0;
}

// Number and descriptor stay, which is all that an answer needs.
void FcgiConnection::FreeRequest() {
  body_was_left_ = BodyIsLeft();
  FCGX_Free(fcgi_.get(), 0);
}

bool FcgiConnection::PeerLeft() const {
  pollfd peer{.fd = fd(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&peer, 1, 0) == 1;
}

void FcgiConnection::Close() { FCGX_Free(fcgi_.get(), 1); }

int FcgiConnection::fd() const { return fcgi_->ipcFd; }

}  // namespace worker
