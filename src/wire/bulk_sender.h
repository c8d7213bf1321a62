// Many records, one behind the other, for the `latchkey` command: as many on their way at once as fill
// the writer's batches, many in a frame. Waits where a worker child would go on: never for one of those.
// Not thread-safe.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "wire/client.h"

namespace wire {

class BulkSender {
 public:
  struct Options {
    std::string socket_path;
    std::string page_path;
    std::size_t max_in_flight = 512;  // two batches: one is committed while the next one is filled
    base::milliseconds record_deadline{5000};
    base::milliseconds heartbeat_old{3000};
    std::string operator_name = {};          // for the audit log
    std::optional<uid_t> socket_owner = {};  // no other user's socket is connected to
  };

  static base::Result<std::unique_ptr<BulkSender>> Open(Options options);
  ~BulkSender();

  // Sends one record, after waiting until fewer than max_in_flight are unanswered. `done` is called once,
  // in this or a later call, as that of wire::Client. kUnavailable: the writer is silent; kInvalid: the
  // record is too long or has a text that is none; `done` is then not called.
  base::Status Send(const records::Write& record, Client::Done done);
  // Waits until all that were sent are answered, or given up at their deadline.
  base::Status Finish();

 private:
  class Impl;
  explicit BulkSender(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace wire
