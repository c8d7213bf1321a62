#include "seed/sender.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace seed {

namespace {

constexpr std::size_t kMaxPending = 4000;
constexpr std::size_t kFlushEvery = 64;
constexpr int kDraws = 4;
constexpr std::uint64_t kTag = 1;
constexpr base::milliseconds kDeadline{30000};

wire::Client::Options ClientOptions(const std::string& run_dir) {
  return {.socket_path = run_dir + "/writer.sock",
          // Never as many as the client would share out among organizations.
          .max_pending = 2 * kMaxPending,
          .record_deadline = kDeadline,
          .heartbeat_old = base::seconds(10),
          .name = "seed"};
}

}  // namespace

Sender::Sender(const std::string& run_dir)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      log_("seed", base::Severity::kWarn),
      page_(shm::WriterPage::OpenForReading(run_dir + "/writer.page")),
      client_(ClientOptions(run_dir), epoll_.get(), kTag, page_, clock_, log_) {}

base::Status Sender::Send(records::Write record, Redraw redraw) {
  if (!failure_.ok()) return failure_;
  if (base::Status status = Queue(record, redraw, redraw ? kDraws : 0); !status.ok()) return status;
  if (client_.pending() % kFlushEvery == 0) client_.Flush();
  return WaitUntil(kMaxPending);
}

base::Status Sender::Queue(const records::Write& record, const Redraw& redraw, int draws_left) {
  auto done = [this, name = std::string(records::NameOf(record)), redraw, draws_left,
               again = draws_left > 0 ? std::optional(record)
                                      : std::nullopt](const records::WriteResult& result) mutable {
    if (!failure_.ok()) return;
    if (result.code == base::Code::kExists && again) {
      redraw(*again);
      failure_ = Queue(*again, redraw, draws_left - 1);
      return;
    }
    ++answered_;
    if (result.code == base::Code::kOk) return;
    failure_ = {result.code, name + " was refused: " + std::string(base::CodeName(result.code))};
  };
  return client_.Send(record, std::move(done));
}

base::Status Sender::Drain() { return WaitUntil(0); }

base::Status Sender::WaitUntil(std::size_t pending) {
  while (client_.pending() > pending) Turn();
  return failure_;
}

void Sender::Turn() {
  client_.Flush();
  std::array<epoll_event, 4> events;
  const auto timeout = static_cast<int>(client_.NextTimeout().count());
  const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), timeout);
  for (int i = 0; i < count; ++i) client_.OnEvents(events[static_cast<std::size_t>(i)].events);
  client_.OnTimer();
}

}  // namespace seed
