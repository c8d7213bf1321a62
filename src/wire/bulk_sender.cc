#include "wire/bulk_sender.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "base/os/unique_fd.h"
#include "shm/writer_page.h"

namespace wire {

namespace {

constexpr std::uint64_t kTag = 1;
// Records that are made before any of them is sent: about a frame.
constexpr std::size_t kSendTogether = 64;

}  // namespace

class BulkSender::Impl {
 public:
  Impl(Options options, base::UniqueFd epoll)
      : options_(std::move(options)),
        epoll_(std::move(epoll)),
        page_(shm::WriterPage::OpenForReading(options_.page_path)),
        client_({.socket_path = options_.socket_path,
                 // Never as many as the client would share out among organizations.
                 .max_pending = 2 * (options_.max_in_flight + kSendTogether),
                 .record_deadline = options_.record_deadline,
                 .heartbeat_old = options_.heartbeat_old,
                 .name = "latchkey",
                 .operator_name = options_.operator_name,
                 .socket_owner = options_.socket_owner},
                epoll_.get(), kTag, page_, clock_, log_) {}

  base::Status Send(const records::Write& record, Client::Done done) {
    if (base::Status status = WaitForFewerThan(options_.max_in_flight); !status.ok()) return status;
    base::Status status = client_.Send(record, std::move(done));
    if (status.ok() && ++unsent_ >= kSendTogether) Flush();
    return status;
  }

  base::Status Finish() { return WaitForFewerThan(1); }

 private:
  void Flush() {
    unsent_ = 0;
    client_.Flush();
  }

  base::Status WaitForFewerThan(std::size_t limit) {
    while (client_.pending() >= limit) {
      Flush();
      if (base::Status status = Turn(); !status.ok()) return status;
    }
    return {};
  }

  base::Status Turn() {
    epoll_event event{};
    const int count =
        ::epoll_wait(epoll_.get(), &event, 1, static_cast<int>(client_.NextTimeout().count()));
    if (count < 0 && errno != EINTR) return base::ErrnoStatus("epoll_wait", errno);
    if (count > 0) client_.OnEvents(event.events);
    client_.OnTimer();
    return {};
  }

  Options options_;
  base::UniqueFd epoll_;
  base::SystemClock clock_;
  base::Log log_{"latchkey", base::Severity::kFatal};  // what happens is told by each result
  shm::WriterPage page_;
  Client client_;
  std::size_t unsent_ = 0;
};

base::Result<std::unique_ptr<BulkSender>> BulkSender::Open(Options options) {
  base::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return base::ErrnoStatus("epoll_create1", errno);
  return std::unique_ptr<BulkSender>(
      new BulkSender(std::make_unique<Impl>(std::move(options), std::move(epoll))));
}

BulkSender::BulkSender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BulkSender::~BulkSender() = default;

base::Status BulkSender::Send(const records::Write& record, Client::Done done) {
  return impl_->Send(record, std::move(done));
}
base::Status BulkSender::Finish() { return impl_->Finish(); }

}  // namespace wire
