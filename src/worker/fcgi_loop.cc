#include "worker/fcgi_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <string>
#include <utility>
#include <variant>

#include "base/unique_fd.h"
#include "base/unix_socket.h"
#include "worker/answer.h"
#include "worker/child_signals.h"
#include "worker/connection_table.h"
#include "worker/request_reader.h"

// Each connection is registered once, level-triggered, and no epoll_ctl is spent on a request.
// While a request's write is pending nothing is read from its connection; an event then means that
// nginx has closed it, because its client left.

namespace worker {

namespace {

using base::milliseconds;

constexpr std::uint64_t kListenTag = FcgiLoop::kWriterTag - 1;
constexpr std::uint64_t kParentTag = FcgiLoop::kWriterTag - 2;
constexpr std::size_t kEventsPerTurn = 256;
constexpr int kAcceptsPerTurn = 64;
constexpr milliseconds kAcceptPause{100};  // when the process has no descriptor left
constexpr milliseconds kRefusalLogInterval{1000};

}  // namespace

class FcgiLoop::Impl {
 public:
  Impl(Options options, const base::Clock& clock, oauth::Random& random, const base::Log& log)
      : options_(options),
        clock_(clock),
        log_(log),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        connections_(options.max_connections, epoll_.get()),
        reader_({options.max_body_bytes, options.request_budget}, random) {}

  base::Status Open();
  int epoll_fd() const { return epoll_.get(); }
  base::Status Run(Hooks hooks, wire::Client& writer);

 private:
  enum class Serving : std::uint8_t { kAccepting, kDraining };

  // One turn.
  base::Status Turn();
  milliseconds NextWait() const;
  void Dispatch(const epoll_event& event);
  void OnConnectionEvent(std::uint64_t tag, std::uint32_t events);
  void StartDrain(std::string_view reason);
  bool IsDrained() const;
  void UpdateListening();

  void AcceptConnections();
  bool AcceptOne();

  // One request.
  void Serve(Connection& connection);
  http::Outcome Handle(const http::Request& request);
  void RefuseRequest(Connection& connection, Refusal refusal);
  void Settle(Connection& connection, http::Outcome outcome);
  void Resume(std::uint64_t tag, const records::WriteResult& result);
  void Answer(Connection& connection, const http::Response& response);

  const Options options_;
  const base::Clock& clock_;
  const base::Log& log_;
  Hooks hooks_;
  wire::Client* writer_ = nullptr;

  base::UniqueFd epoll_;
  ConnectionTable connections_;
  bool listening_ = false;
  milliseconds accept_again_at_{0};  // since boot
  Serving serving_ = Serving::kAccepting;
  milliseconds drain_ends_at_{0};  // since boot
  std::uint64_t requests_ = 0;
  base::Time now_;  // at the start of the turn
  base::Time refusal_logged_at_;
  std::uint64_t refusals_unlogged_ = 0;
  RequestReader reader_;
  std::string answer_;  // reused
};

// ---- setting up ----

base::Status FcgiLoop::Impl::Open() {
  if (auto status = InitFcgi(); !status.ok()) return status;
  if (auto status = InstallChildSignals(); !status.ok()) return status;
  if (auto status = base::SetNonBlocking(options_.listen_fd); !status.ok()) return status;
  if (!epoll_.valid()) return base::ErrnoStatus("epoll_create1", errno);
  if (options_.parent_fd < 0) return {};
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kParentTag}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, options_.parent_fd, &event) != 0) {
    return base::ErrnoStatus("watch the parent", errno);
  }
  return {};
}

// ---- one turn ----

base::Status FcgiLoop::Impl::Run(Hooks hooks, wire::Client& writer) {
  hooks_ = std::move(hooks);
  writer_ = &writer;
  UpdateListening();
  if (hooks_.ready) hooks_.ready();
  while (!IsDrained()) {
    if (auto status = Turn(); !status.ok()) return status;
  }
  connections_.CloseAll();
  log_.Info("drained", {{"requests", requests_}});
  return {};
}

base::Status FcgiLoop::Impl::Turn() {
  std::array<epoll_event, kEventsPerTurn> events;
  const sigset_t mask = MaskWhileWaiting();
  const int count = epoll_pwait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                static_cast<int>(NextWait().count()), &mask);
  if (count < 0 && errno != EINTR) return base::ErrnoStatus("epoll_pwait", errno);
  if (DrainRequested()) StartDrain("SIGTERM");
  now_ = clock_.Now();
  if (hooks_.turn_started) hooks_.turn_started();
  for (int i = 0; i < count; ++i) Dispatch(events[static_cast<std::size_t>(i)]);
  if (writer_->NextTimeout() <= milliseconds(0)) writer_->OnTimer();
  if (hooks_.turn_ended) hooks_.turn_ended();
  writer_->Flush();
  UpdateListening();
  if (hooks_.heartbeat != nullptr) std::atomic_ref(*hooks_.heartbeat).fetch_add(1);
  return {};
}

milliseconds FcgiLoop::Impl::NextWait() const {
  milliseconds wait = std::min(options_.longest_wait, writer_->NextTimeout());
  if (serving_ == Serving::kDraining) wait = std::min(wait, drain_ends_at_ - clock_.SinceBoot());
  if (accept_again_at_ > milliseconds(0)) wait = std::min(wait, kAcceptPause);
  return std::max(wait, milliseconds(0));
}

void FcgiLoop::Impl::Dispatch(const epoll_event& event) {
  switch (event.data.u64) {
    case kWriterTag:
      return writer_->OnEvents(event.events);
    case kListenTag:
      return AcceptConnections();
    case kParentTag:
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, options_.parent_fd, nullptr);
      return StartDrain("parent_gone");
    default:
      return OnConnectionEvent(event.data.u64, event.events);
  }
}

void FcgiLoop::Impl::OnConnectionEvent(std::uint64_t tag, std::uint32_t events) {
  Connection* const connection = connections_.Find(tag);
  if (connection == nullptr) return;  // closed earlier in this turn
  const bool closed = (events & (EPOLLHUP | EPOLLERR)) != 0;
  if (connection->state == Connection::State::kPending) {
    connection->gone = closed;
    return connections_.Unwatch(*connection);
  }
  if (closed) return connections_.Close(*connection);
  if (!connection->fcgi.NextRequest()) return connections_.Release(*connection);
  Serve(*connection);
}

void FcgiLoop::Impl::StartDrain(std::string_view reason) {
  if (serving_ == Serving::kDraining) return;
  serving_ = Serving::kDraining;
  drain_ends_at_ = clock_.SinceBoot() + options_.drain_limit;
  log_.Info("draining", {{"reason", reason}, {"connections", connections_.open()}});
  UpdateListening();
}

bool FcgiLoop::Impl::IsDrained() const {
  if (serving_ != Serving::kDraining) return false;
  return connections_.open() == 0 || clock_.SinceBoot() >= drain_ends_at_;
}

void FcgiLoop::Impl::UpdateListening() {
  if (accept_again_at_ > milliseconds(0) && clock_.SinceBoot() >= accept_again_at_) {
    accept_again_at_ = milliseconds(0);
  }
  const bool wanted = serving_ == Serving::kAccepting && !connections_.is_full() &&
                      accept_again_at_ == milliseconds(0);
  if (wanted == listening_) return;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kListenTag}};
  const int operation = wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;
  if (epoll_ctl(epoll_.get(), operation, options_.listen_fd, &event) == 0) listening_ = wanted;
}

void FcgiLoop::Impl::AcceptConnections() {
  if (serving_ == Serving::kDraining) return;
  const bool one = options_.connections == Connections::kOneRequestEach;
  for (int i = 0; i < (one ? 1 : kAcceptsPerTurn); ++i) {
    if (connections_.is_full() || !AcceptOne()) return;
  }
}

bool FcgiLoop::Impl::AcceptOne() {
  Connection& connection = connections_.NextFree();
  int error_number = 0;
  switch (connection.fcgi.Accept(options_.listen_fd, options_.connection_timeout, &error_number)) {
    case FcgiConnection::Accepted::kRequest:
      break;
    case FcgiConnection::Accepted::kNobodyWaits:
      return false;
    case FcgiConnection::Accepted::kFailed:
      accept_again_at_ = clock_.SinceBoot() + kAcceptPause;
      log_.Warn("accept_failed", {{"error", base::ErrnoStatus("accept", error_number).message()}});
      return false;
  }
  connections_.Take(connection);
  Serve(connection);
  return true;
}

// ---- requests ----

void FcgiLoop::Impl::Serve(Connection& connection) {
  if (++requests_ == options_.recycle_after_requests && hooks_.recycle_due) hooks_.recycle_due();
  const auto request = reader_.Read(connection, now_);
  if (const auto* refusal = std::get_if<Refusal>(&request)) {
    return RefuseRequest(connection, *refusal);
  }
  Settle(connection, Handle(*std::get_if<http::Request>(&request)));
}

// A handler waits for nothing but its reads, and all other connections wait for it.
http::Outcome FcgiLoop::Impl::Handle(const http::Request& request) {
  const std::int64_t start_us = base::MonotonicMicros();
  http::Outcome outcome = hooks_.handle(request);
  const std::int64_t taken_ms = (base::MonotonicMicros() - start_us) / 1000;
  if (taken_ms > options_.slow_request.count()) {
    log_.Warn("slow_read", {{"duration_ms", taken_ms},
                            {"path", request.path},
                            {"pending_writes", writer_->pending()},
                            {"request_id", request.request_id_text}});
  }
  return outcome;
}

void FcgiLoop::Impl::RefuseRequest(Connection& connection, Refusal refusal) {
  ++refusals_unlogged_;
  if (now_ - refusal_logged_at_ >= kRefusalLogInterval) {
    log_.Warn("request_refused", {{"reason", NameOf(refusal)},
                                  {"request_id", connection.request_id_text()},
                                  {"refused", refusals_unlogged_}});
    refusal_logged_at_ = now_;
    refusals_unlogged_ = 0;
  }
  Answer(connection, Refuse(refusal, now_));
}

void FcgiLoop::Impl::Settle(Connection& connection, http::Outcome outcome) {
  using Pending = records::PendingWrite<http::Response>;
  while (auto* pending = std::get_if<Pending>(&outcome)) {
    connection.then = std::move(pending->then);
    connection.state = Connection::State::kPending;
    const auto sent =
        writer_->Send(std::move(pending->record),
                      [this, tag = connection.tag()](const records::WriteResult& result) {
                        Resume(tag, result);
                      });
    if (sent.ok()) {
      connections_.Watch(connection);  // notices that nginx left; if refused, the answer will
      return;
    }
    // Refused before it was queued: the handler turns that into its answer.
    outcome = std::exchange(connection.then, nullptr)(records::WriteResult{.code = sent.code()});
  }
  Answer(connection, *std::get_if<http::Response>(&outcome));
}

void FcgiLoop::Impl::Resume(std::uint64_t tag, const records::WriteResult& result) {
  Connection* const connection = connections_.Find(tag);
  if (connection == nullptr || connection->state != Connection::State::kPending) return;
  if (connection->gone) return connections_.Close(*connection);
  Settle(*connection, std::exchange(connection->then, nullptr)(result));
}

void FcgiLoop::Impl::Answer(Connection& connection, const http::Response& response) {
  RenderAnswer(response, connection.request_id_text(), &answer_);
  const auto after = options_.connections == Connections::kOneRequestEach
                         ? FcgiConnection::After::kClose
                         : FcgiConnection::After::kAsNginxAsked;
  if (!connection.fcgi.Answer(answer_, after)) return connections_.Release(connection);
  connection.state = Connection::State::kOpen;
  if (!connections_.Watch(connection)) connections_.Close(connection);
}

// ---- the public face ----

FcgiLoop::FcgiLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FcgiLoop::~FcgiLoop() = default;

base::Result<std::unique_ptr<FcgiLoop>> FcgiLoop::Create(Options options, const base::Clock& clock,
                                                         oauth::Random& random,
                                                         const base::Log& log) {
  auto impl = std::make_unique<Impl>(options, clock, random, log);
  if (auto status = impl->Open(); !status.ok()) return status;
  return std::unique_ptr<FcgiLoop>(new FcgiLoop(std::move(impl)));
}

int FcgiLoop::epoll_fd() const { return impl_->epoll_fd(); }

base::Status FcgiLoop::Run(Hooks hooks, wire::Client& writer) {
  return impl_->Run(std::move(hooks), writer);
}

}  // namespace worker
