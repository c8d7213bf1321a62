// One connection from nginx, spoken by libfcgi: the only user of fcgiapp.h. Every call returns at
// once as long as the descriptor was readable and nginx sends whole requests. For a peer that does
// not, the timeout of Accept bounds each read behind the first request, and the whole of an answer;
// the parent's watch on the child's loop bounds the rest. Not thread-safe.
// Sources: FastCGI 1.0 specification; fcgiapp.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

struct FCGX_Request;

namespace worker {

// Once a process, before any connection. Installs signal handlers: install your own after it.
base::Status InitFcgi();

class FcgiConnection {
 public:
  FcgiConnection();
  ~FcgiConnection();
  FcgiConnection(const FcgiConnection&) = delete;
  FcgiConnection& operator=(const FcgiConnection&) = delete;

  enum class Accepted : std::uint8_t { kRequest, kNobodyWaits, kFailed };
  // Accepts from a non-blocking socket and reads the first request's parameters. `*error_number` is
  // the errno of kFailed. Connections that close or stay silent for 200 ms are dropped on the way.
  Accepted Accept(int listen_fd, base::milliseconds timeout, int* error_number);

  // Reads the next request's parameters from a kept connection that is readable. false: nginx
  // closed it or sent what is no request; the descriptor is closed.
  bool NextRequest();

  // "NAME=value" strings ended by nullptr; until FreeRequest, Answer or Close.
  const char* const* environment() const;

  // Reads the body to its end, so that the next request starts behind it, into `buffer`; its size. A
  // full buffer means that the body may have been longer: no more than 1 MiB of that is skipped.
  std::size_t ReadBody(std::span<char> buffer);

  // For a request that waits: gives back what libfcgi holds of it, 17 KiB of buffers and the
  // environment. A body that was not read to its end costs the connection, as in Answer.
  void FreeRequest();

  enum class After : std::uint8_t { kAsNginxAsked, kClose };
  // Sends CGI text and ends the request, with one system call where it fits into a record of 64 KiB
  // and into the socket. true: the connection is kept and the next request may come.
  bool Answer(std::string_view text, After after);

  // Whether nginx has closed its side meanwhile: its client left.
  bool PeerLeft() const;

  // Drops the request, if any, and closes the descriptor.
  void Close();

  int fd() const;

 private:
  // Or reading it failed: what comes next would be no beginning of a request.
  bool BodyIsLeft() const;

  std::unique_ptr<FCGX_Request> fcgi_;
  base::milliseconds timeout_{0};
  bool body_was_left_ = false;  // when the request was given back
};

}  // namespace worker
