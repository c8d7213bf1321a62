// A child's side of the wire: sends records to the writer and calls back when each is durable.
// Lives on one epoll loop; not thread-safe. Records made in one turn leave in as few frames as they
// fit; what the socket does not take waits for EPOLLOUT. When the connection breaks it connects
// again and sends every unanswered record again, unchanged: the record id makes that safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "records/writes.h"
#include "shm/writer_page.h"

namespace wire {

class Client {
 public:
  using Done = std::function<void(const records::WriteResult&)>;
  struct Options {
    std::string socket_path;
    std::size_t max_pending = 4000;
    base::milliseconds record_deadline{5000};
    base::milliseconds heartbeat_old{3000};
    std::string name = "worker";     // in the writer's log
    std::string operator_name = {};  // who typed the command whose client this is; empty: a pool's
    std::optional<uid_t> socket_owner = {};  // no other user's socket is connected to
  };

  // Registers its socket with `epoll_fd` under `epoll_tag` (epoll_data.u64). All references outlive
  // it.
  Client(Options options, int epoll_fd, std::uint64_t epoll_tag, shm::WriterPage& page,
         const base::Clock& clock, const base::Log& log);
  ~Client();

  // Queues one record. `done` is called exactly once, later, on the loop: with the writer's answer,
  // or with kUnavailable when `record_deadline` passed. Refused at once, `done` not called and
  // dropped: kFull (max_pending reached; of new device codes: seven eighths of it, of one
  // organization's three quarters, beside others half; of its other records seven eighths), kUnavailable (the writer's
  // heartbeat is old; one probe record is let through so that its return is noticed), kInvalid (record too long, or a
  // text that is none: wire/codec.h). While the page says kRestarting records are held and sent to the next writer.
  // `address`: of the client whose request it is, for the audit log; copied.
  base::Status Send(const records::Write& record, Done done, std::string_view address = {});

  void OnEvents(std::uint32_t epoll_events);  // the loop saw events under epoll_tag
  void Flush();                               // end of a turn: send what was queued
  void OnTimer();  // call when NextTimeout() has passed: deadlines, reconnect
  // From now; at most 1 s while anything is pending, an hour otherwise.
  base::milliseconds NextTimeout() const;
  std::size_t pending() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// One record, waiting for its answer: for the `latchkey` command and tests, never for a worker
// child. kUnavailable: nobody listens, or no answer within `timeout`, or the writer closed the
// connection several times (it does so with a sender or a record that it does not allow: its log
// says why). kConflict: the socket is not its `socket_owner`'s. `operator_name`: who typed the
// command, for the audit log; empty: nobody did.
base::Result<records::WriteResult> Call(const std::string& socket_path, const records::Write& write,
                                        base::milliseconds timeout,
                                        std::string_view operator_name = {},
                                        std::optional<uid_t> socket_owner = {});

}  // namespace wire
