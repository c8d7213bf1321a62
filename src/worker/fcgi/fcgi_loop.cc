#include "worker/fcgi/fcgi_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "base/os/process_usage.h"
#include "base/os/unique_fd.h"
#include "base/os/unix_socket.h"
#include "worker/fcgi/child_signals.h"
#include "worker/fcgi/connection_table.h"
#include "worker/fcgi/fair_queue.h"
#include "worker/fcgi/request_params.h"
#include "worker/fcgi/request_server.h"

// Each connection is registered once, level-triggered, and no epoll_ctl is spent on a request.
// While a request's write is pending nothing is read from its connection; an event then means that
// nginx has closed it, because its client left. The requests themselves: request_server.h.

namespace worker {

namespace {

using base::milliseconds;

constexpr std::uint64_t kListenTag = FcgiLoop::kWriterTag - 1;
constexpr std::uint64_t kParentTag = FcgiLoop::kWriterTag - 2;
constexpr std::uint64_t kSignalTag = FcgiLoop::kWriterTag - 3;
constexpr std::size_t kEventsPerTurn = 256;
constexpr int kAcceptsPerTurn = 64;
// Where children share a socket: how many requests one takes in before it serves the next. Few, so that
// none hoards what a child beside it could serve now; many once half of its places are taken, for then
// theirs are too, and what is refused costs hardly anything.
constexpr std::size_t kTakenInPerTurn = 16;
constexpr std::size_t kTakenInPerFullTurn = 256;
constexpr milliseconds kAcceptPause{100};  // when the process has no descriptor left
constexpr milliseconds kUsagePause{1000};
constexpr milliseconds kQuiet{50};  // without an event: nothing is on its way any more

}  // namespace

class FcgiLoop::Impl {
 public:
  Impl(Options options, const base::Clock& clock, domain::Random& random, const base::Log& log)
      : options_(options),
        clock_(clock),
        log_(log),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        connections_(options.max_connections, epoll_.get()),
        requests_(options_, connections_, random, log) {}

  base::Status Open();
  int epoll_fd() const { return epoll_.get(); }
  base::Status Run(Hooks hooks, wire::Client& writer);

 private:
  enum class Serving : std::uint8_t { kAccepting, kDraining, kStopping };

  base::Status Watch(int fd, std::uint64_t tag);

  // One turn.
  base::Status Turn();
  milliseconds NextWait() const;
  void Dispatch(const epoll_event& event);
  void OnConnectionEvent(std::uint64_t tag, std::uint32_t events);
  void OnSignal();
  void StopAccepting(Serving serving, std::string_view reason);
  bool IsDone() const;
  void UpdateListening();

  void CountTurn();
  void AcceptConnections();
  bool AcceptOne();
  // The connection that was accepted, in a slot that is taken; nullptr: nobody waits.
  Connection* Accept();
  void TakeIn();
  void ServeNext();

  const Options options_;
  const base::Clock& clock_;
  const base::Log& log_;
  Hooks hooks_;
  wire::Client* writer_ = nullptr;

  base::UniqueFd epoll_;
  std::optional<ChildSignals> signals_;
  ConnectionTable connections_;
  FairQueue waiting_;  // of kOneRequestEach
  bool listening_ = false;
  milliseconds accept_again_at_{0};  // since boot
  Serving serving_ = Serving::kAccepting;
  milliseconds serving_ends_at_{0};  // since boot; unless kAccepting
  bool is_quiet_ = false;            // the last wait ended without an event
  RequestServer requests_;
  std::uint64_t log_lines_dropped_ = 0;  // counted
  milliseconds usage_told_{0};           // since boot
};

// ---- setting up ----

base::Status FcgiLoop::Impl::Open() {
  if (auto status = InitFcgi(); !status.ok()) return status;
  auto signals = ChildSignals::Take();
  if (!signals.ok()) return signals.error();
  signals_.emplace(std::move(*signals));
  if (auto status = base::SetNonBlocking(options_.listen_fd); !status.ok()) return status;
  if (!epoll_.valid()) return base::ErrnoStatus("epoll_create1", errno);
  if (auto status = Watch(signals_->fd(), kSignalTag); !status.ok()) return status;
  return options_.parent_fd < 0 ? base::Status() : Watch(options_.parent_fd, kParentTag);
}

base::Status FcgiLoop::Impl::Watch(int fd, std::uint64_t tag) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return base::ErrnoStatus("epoll_ctl", errno);
}

// ---- one turn ----

base::Status FcgiLoop::Impl::Run(Hooks hooks, wire::Client& writer) {
  hooks_ = std::move(hooks);
  writer_ = &writer;
  requests_.Use(hooks_, writer);
  UpdateListening();
  if (hooks_.ready) hooks_.ready();
  while (!IsDone()) {
    if (auto status = Turn(); !status.ok()) return status;
  }
  connections_.CloseAll();
  if (hooks_.counters != nullptr) hooks_.counters->Add(metrics::Count::kDrains);
  log_.Info("drained", {{"requests", requests_.served()}});
  return {};
}

base::Status FcgiLoop::Impl::Turn() {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                               static_cast<int>(NextWait().count()));
  if (count < 0 && errno != EINTR) return base::ErrnoStatus("epoll_wait", errno);
  is_quiet_ = count == 0;
  requests_.TurnStarted(clock_.Now());
  if (hooks_.turn_started) hooks_.turn_started();
  for (int i = 0; i < count; ++i) Dispatch(events[static_cast<std::size_t>(i)]);
  ServeNext();
  if (writer_->NextTimeout() <= milliseconds(0)) writer_->OnTimer();
  if (hooks_.turn_ended) hooks_.turn_ended();
  writer_->Flush();
  UpdateListening();
  if (hooks_.heartbeat != nullptr) std::atomic_ref(*hooks_.heartbeat).fetch_add(1);
  CountTurn();
  return {};
}

void FcgiLoop::Impl::CountTurn() {
  using metrics::Gauge;
  metrics::ChildCounters* const counters = hooks_.counters;
  if (counters == nullptr || serving_ != Serving::kAccepting) return;  // else a successor counts
  const milliseconds now = clock_.SinceBoot();
  counters->Set(Gauge::kHeartbeatMs, static_cast<std::uint64_t>(now.count()));
  counters->Set(Gauge::kConnections, connections_.open());
  counters->Set(Gauge::kPendingWrites, writer_->pending());
  if (now - usage_told_ >= kUsagePause) {
    usage_told_ = now;
    const base::ProcessUsage usage = base::OwnUsage();
    counters->Set(Gauge::kCpuMicros, usage.cpu_micros);
    counters->Set(Gauge::kResidentBytes, usage.resident_bytes);
  }
  const std::uint64_t dropped = log_.dropped_lines();
  if (dropped == log_lines_dropped_) return;
  counters->Add(metrics::Count::kLogLinesDropped, dropped - log_lines_dropped_);
  log_lines_dropped_ = dropped;
}

milliseconds FcgiLoop::Impl::NextWait() const {
  if (!waiting_.empty()) return milliseconds(0);
  milliseconds wait = std::min(options_.longest_wait, writer_->NextTimeout());
  if (serving_ != Serving::kAccepting) {
    wait = std::min(wait, serving_ends_at_ - clock_.SinceBoot());
  }
  if (serving_ == Serving::kStopping) wait = std::min(wait, kQuiet);
  if (accept_again_at_ > milliseconds(0)) wait = std::min(wait, kAcceptPause);
  return std::max(wait, milliseconds(0));
}

void FcgiLoop::Impl::Dispatch(const epoll_event& event) {
  switch (event.data.u64) {
    case kWriterTag:
      return writer_->OnEvents(event.events);
    case kListenTag:
      return AcceptConnections();
    case kSignalTag:
      return OnSignal();
    case kParentTag:
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, options_.parent_fd, nullptr);
      return StopAccepting(Serving::kDraining, "parent_gone");
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
  requests_.Serve(*connection);
}

void FcgiLoop::Impl::OnSignal() {
  switch (signals_->Next()) {
    case ChildSignal::kNone:
      return;
    case ChildSignal::kDrain:
      return StopAccepting(Serving::kDraining, "SIGTERM");
    case ChildSignal::kStop:
      return StopAccepting(Serving::kStopping, "SIGQUIT");
  }
}

void FcgiLoop::Impl::StopAccepting(Serving serving, std::string_view reason) {
  if (serving <= serving_) return;
  serving_ = serving;
  if (serving == Serving::kStopping) requests_.CloseAfterAnswers();
  serving_ends_at_ = clock_.SinceBoot() + options_.drain_limit;
  if (hooks_.counters != nullptr) hooks_.counters->Set(metrics::Gauge::kHeartbeatMs, 0);
  log_.Info("draining", {{"reason", reason}, {"connections", connections_.open()}});
  UpdateListening();
}

bool FcgiLoop::Impl::IsDone() const {
  if (serving_ == Serving::kAccepting) return false;
  if (connections_.open() == 0 || clock_.SinceBoot() >= serving_ends_at_) return true;
  return serving_ == Serving::kStopping && is_quiet_ && waiting_.empty() && writer_->pending() == 0;
}

void FcgiLoop::Impl::UpdateListening() {
  if (accept_again_at_ > milliseconds(0) && clock_.SinceBoot() >= accept_again_at_) {
    accept_again_at_ = milliseconds(0);
  }
  const bool wanted = serving_ == Serving::kAccepting && !connections_.is_full() &&
                      accept_again_at_ == milliseconds(0);
  if (wanted == listening_) return;
  if (wanted) {
    listening_ = Watch(options_.listen_fd, kListenTag).ok();
  } else {
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, options_.listen_fd, nullptr);
    listening_ = false;
  }
}

void FcgiLoop::Impl::AcceptConnections() {
  if (serving_ != Serving::kAccepting) return;
  if (options_.connections == Connections::kOneRequestEach) return TakeIn();
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    if (connections_.is_full() || !AcceptOne()) return;
  }
}

// One place stays free, so that whoever comes next is looked at: it may be of a network that waits for
// nothing yet.
void FcgiLoop::Impl::TakeIn() {
  const bool is_long = 2 * waiting_.size() >= options_.max_connections;
  const std::size_t most = is_long ? kTakenInPerFullTurn : kTakenInPerTurn;
  for (std::size_t i = 0; i < most && !connections_.is_full(); ++i) {
    Connection* const connection = Accept();
    if (connection == nullptr) return;
    connection->state = Connection::State::kWaiting;
    const RequestParams params = ReadParams(connection->fcgi.environment());
    waiting_.Push(QueueNetwork(params.request.remote_address), connection->tag());
    if (!connections_.is_full()) continue;
    Connection* const dropped = connections_.Find(*waiting_.DropNewest());
    requests_.Refuse(*dropped, Refusal::kNoRoom);
  }
}

void FcgiLoop::Impl::ServeNext() {
  const auto tag = waiting_.Pop();
  if (!tag) return;
  Connection& connection = *connections_.Find(*tag);
  if (connection.fcgi.PeerLeft()) return requests_.Leave(connection);
  if (hooks_.turn_started) hooks_.turn_started();
  requests_.Serve(connection);
}

bool FcgiLoop::Impl::AcceptOne() {
  Connection* const connection = Accept();
  if (connection == nullptr) return false;
  if (hooks_.turn_started) hooks_.turn_started();
  requests_.Serve(*connection);
  return true;
}

Connection* FcgiLoop::Impl::Accept() {
  Connection& connection = connections_.NextFree();
  int error_number = 0;
  switch (connection.fcgi.Accept(options_.listen_fd, options_.connection_timeout, &error_number)) {
    case FcgiConnection::Accepted::kRequest:
      break;
    case FcgiConnection::Accepted::kNobodyWaits:
      return nullptr;
    case FcgiConnection::Accepted::kFailed:
      accept_again_at_ = clock_.SinceBoot() + kAcceptPause;
      log_.Warn("accept_failed", {{"error", base::ErrnoStatus("accept", error_number).message()}});
      return nullptr;
  }
  connections_.Take(connection);
  return &connection;
}

// ---- the public face ----

FcgiLoop::FcgiLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FcgiLoop::~FcgiLoop() = default;

base::Result<std::unique_ptr<FcgiLoop>> FcgiLoop::Create(Options options, const base::Clock& clock,
                                                         domain::Random& random,
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
