#include "wire/client.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "records/tenant.h"
#include "wire/codec.h"
#include "wire/connection.h"
#include "wire/frame.h"
#include "wire/pending_records.h"

namespace wire {

namespace {

constexpr base::milliseconds kLongestSleep{1000};
constexpr base::milliseconds kIdleSleep{3'600'000};

}  // namespace

class Client::Impl {
 public:
  Impl(Options options, int epoll_fd, std::uint64_t epoll_tag, shm::WriterPage& page,
       const base::Clock& clock, const base::Log& log)
      : options_(std::move(options)),
        page_(page),
        clock_(clock),
        log_(log),
        connection_({.socket_path = options_.socket_path,
                     .name = options_.name,
                     .operator_name = options_.operator_name,
                     .socket_owner = options_.socket_owner,
                     .epoll_fd = epoll_fd,
                     .epoll_tag = epoll_tag}) {}

  base::Status Send(const records::Write& record, Done done, std::string_view address) {
    const base::milliseconds now = clock_.SinceBoot();
    const records::OrganizationId tenant = records::TenantOf(record);
    if (base::Status status = CheckRoom(record, tenant); !status.ok()) return status;
    if (base::Status status = CheckWriter(now); !status.ok()) return status;
    const base::milliseconds deadline = now + options_.record_deadline;
    scratch_.clear();
    base::Status status =
        AppendRecordEntry(pending_.next_correlation(), deadline, record, &scratch_, address);
    if (status.ok()) pending_.Add(scratch_, deadline, tenant, std::move(done));
    return status;
  }

  void OnEvents(std::uint32_t events) {
    if (!connection_.is_open()) return;
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) Receive();
    if ((events & EPOLLOUT) != 0 && connection_.is_open()) {
      connection_.WaitForRoom(false);
      Flush();
    }
  }

  void Flush() {
    if (pending_.FirstUnsent().empty()) return;
    if (!connection_.is_open() && !Open()) return;
    if (connection_.waits_for_room() || IsHolding()) return;
    while (connection_.is_open() && !connection_.waits_for_room() && FillFrame()) SendFrame();
  }

  void OnTimer() {
    const base::milliseconds now = clock_.SinceBoot();
    while (auto done = pending_.TakeExpired(now)) (*done)(records::WriteResult{});
    Flush();
  }

  base::milliseconds NextTimeout() const {
    const auto deadline = pending_.FirstDeadline();
    if (!deadline) return kIdleSleep;
    const base::milliseconds now = clock_.SinceBoot();
    base::milliseconds timeout = std::min(*deadline - now, kLongestSleep);
    if (!connection_.is_open()) timeout = std::min(timeout, connection_.retry_at() - now);
    return std::max(timeout, base::milliseconds(0));
  }

  std::size_t pending() const { return pending_.size(); }

 private:
  // Whoever begins to sign in can wait; who is on the way, or in, goes on longest: tokens have places on
  // top. And where the last eighth is near, no organization takes the places of all others.
  base::Status CheckRoom(const records::Write& record, records::OrganizationId tenant) const {
    const std::size_t most = options_.max_pending;
    const std::size_t pending = pending_.size();
    if (pending < most - most / 8) return {};
    const bool is_token = std::holds_alternative<records::RedeemDeviceCode>(record) ||
                          std::holds_alternative<records::RotateRefreshToken>(record);
    if (pending >= (is_token ? most + most / 8 : most)) {
      return {base::Code::kFull, "too many writes wait for the writer"};
    }
    if (tenant.is_nil()) return {};
    const std::size_t own = pending_.CountOf(tenant);
    const std::size_t share_of_others = own < pending ? most - most / 2 : most - most / 8;
    if (own >= (is_token ? most : share_of_others)) {
      return {base::Code::kFull, "this organization has its share of the writes that wait"};
    }
    return {};
  }

  base::Status CheckWriter(base::milliseconds now) {
    page_.MapIfMissing();
    // Whatever waits already tells us when the writer is back; with nothing waiting, this one does.
    if (pending_.size() > 0 && !page_.IsAlive(now, options_.heartbeat_old)) {
      return {base::Code::kUnavailable, "the writer is silent"};
    }
    return {};
  }

  bool Open() {
    const base::milliseconds now = clock_.SinceBoot();
    const base::Status status = connection_.Open(now);
    if (!status.ok()) return false;
    opened_while_restarting_ = page_.state() == shm::WriterState::kRestarting;
    return true;
  }

  // A writer that stops reads no more: what it has not taken goes to the next one. A connection
  // opened meanwhile is that one's already: it waits in the queue of the listening socket.
  bool IsHolding() const {
    return page_.state() == shm::WriterState::kRestarting && !opened_while_restarting_;
  }

  // Gathers unsent records. false: there are none.
  bool FillFrame() {
    frame_.Clear();
    frame_start_ = pending_.unsent_from();
    for (auto entry = pending_.FirstUnsent(); !entry.empty() && frame_.Add(entry);
         entry = pending_.FirstUnsent()) {
      pending_.MarkSent();
    }
    return !frame_.empty();
  }

  void SendFrame() {
    switch (connection_.Send(frame_.bytes())) {
      case Io::kDone:
        return;
      case Io::kWouldBlock:
        pending_.MarkUnsentFrom(frame_start_);
        connection_.WaitForRoom(true);
        return;
      case Io::kClosed:
        Close();
        return;
    }
  }

  // One packet a wake-up: the epoll is level-triggered, and a batch brings one packet as a rule.
  void Receive() {
    const Received received = connection_.Receive(&buffer_);
    if (received.io == Io::kWouldBlock) return;
    if (received.io == Io::kClosed) return Close();
    const auto results = ParseResults(received.frame);
    if (!results.ok()) {
      log_.Error("bad_frame_from_writer", {{"reason", results.error().message()}});
      return Close();
    }
    NoteAnswer();
    for (const ResultEntry& entry : *results) {
      if (auto done = pending_.Take(entry.correlation)) (*done)(entry.result);
    }
  }

  void NoteAnswer() {
    connection_.NoteAnswer();
    if (!std::exchange(lost_, false)) return;
    log_.Info("writer_back", {{"pending", pending_.size()}});
  }

  void Close() {
    connection_.Close(clock_.SinceBoot());
    pending_.MarkUnsentFrom(0);
    if (!std::exchange(lost_, true)) log_.Warn("writer_lost", {{"pending", pending_.size()}});
    Flush();
  }

  Options options_;
  shm::WriterPage& page_;
  const base::Clock& clock_;
  const base::Log& log_;
  Connection connection_;
  PendingRecords pending_;
  FrameBuilder frame_{FrameType::kRecords};
  std::uint64_t frame_start_ = 0;
  std::string scratch_;
  FrameBuffer buffer_;
  bool opened_while_restarting_ = false;
  bool lost_ = false;  // said in the log
};

Client::Client(Options options, int epoll_fd, std::uint64_t epoll_tag, shm::WriterPage& page,
               const base::Clock& clock, const base::Log& log)
    : impl_(std::make_unique<Impl>(std::move(options), epoll_fd, epoll_tag, page, clock, log)) {}
Client::~Client() = default;

base::Status Client::Send(const records::Write& record, Done done, std::string_view address) {
  return impl_->Send(record, std::move(done), address);
}
void Client::OnEvents(std::uint32_t epoll_events) { impl_->OnEvents(epoll_events); }
void Client::Flush() { impl_->Flush(); }
void Client::OnTimer() { impl_->OnTimer(); }
base::milliseconds Client::NextTimeout() const { return impl_->NextTimeout(); }
std::size_t Client::pending() const { return impl_->pending(); }

}  // namespace wire
