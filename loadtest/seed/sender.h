// Sends many records to a running writer as fast as it takes them. Not thread-safe. After the first
// refusal nothing more is sent and every call gives that error.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/os/unique_fd.h"
#include "base/status.h"
#include "records/writes.h"
#include "shm/writer_page.h"
#include "wire/client.h"

namespace seed {

class Sender {
 public:
  // `run_dir` holds writer.sock and writer.page.
  explicit Sender(const std::string& run_dir);

  // Queues one record; waits while too many are unanswered. Where the writer has something of it already
  // (kExists) `redraw` changes that, and it is sent again: in a large table user codes meet.
  using Redraw = std::function<void(records::Write&)>;
  base::Status Send(records::Write record, Redraw redraw = {});
  // Waits until every record is durable. Between records that depend on each other.
  base::Status Drain();
  std::uint64_t answered() const { return answered_; }

 private:
  base::Status Queue(const records::Write& record, const Redraw& redraw, int draws_left);
  base::Status WaitUntil(std::size_t pending);
  void Turn();

  base::UniqueFd epoll_;
  base::SystemClock clock_;
  base::Log log_;
  shm::WriterPage page_;
  wire::Client client_;
  base::Status failure_;
  std::uint64_t answered_ = 0;
};

}  // namespace seed
