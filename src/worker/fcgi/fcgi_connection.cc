#include "worker/fcgi/fcgi_connection.h"

#include <fcgiapp.h>

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
//  - FCGX_Finish_r sends what is buffered and keeps the descriptor where nginx asked for that.
// libfcgi reads ahead into a buffer that ends with the request, so a body must be read to its end.

namespace worker {

namespace {

constexpr std::size_t kMostSkippedBytes = 1024 * 1024;
constexpr int kNoListeningSocket = -1;

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
  FCGX_PutStr(text.data(), static_cast<int>(text.size()), fcgi_->out);
  const bool input_freed = fcgi_->in == nullptr;
  const bool body_left = !input_freed && FCGX_HasSeenEOF(fcgi_->in) == 0;
  const bool closes = after == After::kClose || body_left;
  // FCGX_Finish_r ends the output by itself only where there is an input.
  if (closes || input_freed) {
    FCGX_FClose(fcgi_->err);
    const bool sent = FCGX_FClose(fcgi_->out) == 0;
    if (closes || !sent) {
      Close();
      return false;
    }
  }
  FCGX_Finish_r(fcgi_.get());
  return fd() >= 0;
}

void FcgiConnection::FreeInput() {
  if (fcgi_->in != nullptr && FCGX_HasSeenEOF(fcgi_->in) != 0) FCGX_FreeStream(&fcgi_->in);
}

void FcgiConnection::Close() { FCGX_Free(fcgi_.get(), 1); }

int FcgiConnection::fd() const { return fcgi_->ipcFd; }

}  // namespace worker
