// The loop of one child: an epoll over its listening socket, the connections nginx keeps to it and
// the writer. Reads are answered where they stand; a request whose write is pending is parked until
// the writer answered. Single-threaded; the only place that talks FastCGI and the only one that
// waits. Sources: docs/ARCHITECTURE.md "the walk of one request"; FastCGI 1.0; fcgiapp.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "domain/ports/random.h"
#include "http/request.h"
#include "http/response.h"
#include "metrics/counters.h"
#include "wire/client.h"
#include "worker/fcgi/request_guard.h"

namespace worker {

class FcgiLoop {
 public:
  enum class Connections : std::uint8_t {
    kKept,           // as long as nginx keeps them; any number up to max_connections at once
    kOneRequestEach  // one request at a time, the connection ends with it (a socket several children
                     // share). The others wait in turns of their networks (fair_queue.h)
  };

  struct Options {
    int listen_fd = -1;  // inherited and not owned; made non-blocking
    int parent_fd = -1;  // end of file here: the parent is gone, drain; -1: none
    Connections connections = Connections::kKept;
    // Beyond it the listening socket leaves the epoll; of kOneRequestEach the excess is refused (503).
    std::size_t max_connections = 4000;
    std::size_t max_body_bytes = 16 * 1024;
    base::milliseconds request_budget{10000};     // older requests are refused unserved (503)
    base::milliseconds connection_timeout{1000};  // of one read on a connection, or one answer
    base::milliseconds drain_limit{15000};        // nginx lets go of idle connections sooner
    base::milliseconds longest_wait{1000};        // so that the heartbeat of an idle child moves
    std::uint64_t recycle_after_requests = 0;     // 0: never
    base::milliseconds slow_request{100};         // a handler that took longer logs one WARN
  };

  // All but `handle` may be empty.
  struct Hooks {
    std::function<http::Outcome(const http::Request&)> handle;
    // What a request gets that no handler sees (too large, too old, cut off), as it would be answered.
    std::function<http::Response(const http::Request&, http::Response)> refused;
    // Before the first request of a turn, and again before one that may have come later than the
    // turn began (on a connection accepted in it): its client may know of a newer state.
    std::function<void()> turn_started;
    std::function<void()> turn_ended;    // after the last one, before the writer's frame leaves
    std::function<void()> ready;         // once, when the next step is the first wait
    std::function<void()> recycle_due;   // once, after recycle_after_requests
    std::uint64_t* heartbeat = nullptr;  // raised atomically once a turn
    // What is counted, and where the handler notes the route; null: nothing is.
    metrics::ChildCounters* counters = nullptr;
    // Told what the loop works on; null: nobody is, and nothing is kept away.
    RequestGuard* guard = nullptr;
  };

  // The writer's connection registers itself in epoll_fd() under this tag.
  static constexpr std::uint64_t kWriterTag = ~std::uint64_t{0};

  // At most one loop a process: it sets up libfcgi and the signals of the process.
  // `clock`, `random` and `log` outlive the loop.
  static base::Result<std::unique_ptr<FcgiLoop>> Create(Options options, const base::Clock& clock,
                                                        domain::Random& random,
                                                        const base::Log& log);
  ~FcgiLoop();

  int epoll_fd() const;

  // Serves until told to end, at most drain_limit longer:
  //   SIGTERM, or the parent's end of file: accepts no more, serves kept connections until nginx
  //     let go of the last. Another child accepts from the socket already, or will.
  //   SIGQUIT: answers what is on its way and pending, closing each connection after that. nginx
  //     repeats a request that crosses with it, under the same request id.
  // Not kOk: the epoll itself failed. Call once.
  base::Status Run(Hooks hooks, wire::Client& writer);

 private:
  class Impl;
  explicit FcgiLoop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace worker
