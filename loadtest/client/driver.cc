#include "client/driver.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/clock.h"

namespace load {

namespace {

constexpr int kEventsPerTurn = 256;
constexpr std::uint32_t kMostOpening = 200;  // below nginx's backlog
constexpr std::int64_t kSweepMicros = 50000;
constexpr std::uint32_t kStopTag = UINT32_MAX;
constexpr std::size_t kBufferBytes = 64 * 1024;

std::int64_t Micros(std::chrono::milliseconds duration) { return duration.count() * 1000; }

std::uint32_t Share(std::uint64_t total, std::uint32_t index, std::uint32_t parts) {
  return static_cast<std::uint32_t>(total / parts + (index < total % parts ? 1 : 0));
}

}  // namespace

Driver::Driver(const Options& options, const Scenario& scenario, std::uint32_t index, int stop_fd,
               SecondLog* second_log)
    : options_(options),
      scenario_(scenario),
      index_(index),
      stop_fd_(stop_fd),
      second_log_(second_log),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      connections_(Share(options.connections, index, options.threads)),
      next_variant_(scenario.kinds.size(), index),
      saves_(scenario.kinds.size()),
      tally_(scenario.kinds.size()),
      random_state_(0x9E3779B97F4A7C15ULL * (index + 1)),
      left_(options.count / options.threads + (index < options.count % options.threads ? 1 : 0)),
      due_step_(options.rate > 0 ? 1e6 * options.threads / options.rate : 0),
      buffer_(kBufferBytes) {}

base::Status Driver::OpenSaves() {
  for (std::size_t i = 0; i < saves_.size(); ++i) {
    if (scenario_.kinds[i].save_path.empty()) continue;
    auto file = LineFile::Append(scenario_.kinds[i].save_path);
    if (!file.ok()) return file.error();
    saves_[i] = std::move(*file);
  }
  return {};
}

base::Status Driver::Connect() {
  if (base::Status status = OpenSaves(); !status.ok()) return status;
  epoll_event stop{.events = EPOLLIN, .data = {.u32 = kStopTag}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stop_fd_, &stop);
  for (std::uint32_t i = 0; i < connections_.size(); ++i) to_open_.push_back(i);
  now_ = base::MonotonicMicros();
  const std::int64_t give_up = now_ + Micros(options_.timeout);
  while (opening_ > 0 || !to_open_.empty()) {
    Turn(now_ + kSweepMicros);
    if (now_ > give_up) {
      return {base::Code::kUnavailable,
              std::to_string(to_open_.size() + opening_) + " connections were not accepted"};
    }
  }
  return {};
}

base::Status Driver::Run() {
  now_ = base::MonotonicMicros();
  measure_from_ = now_ + Micros(options_.warmup);
  stop_at_ = measure_from_ +
             (options_.count > 0 ? Micros(std::chrono::hours(24)) : Micros(options_.duration));
  due_ = static_cast<double>(now_);
  phase_ = Phase::kRunning;
  for (Connection& connection : connections_) BecomeIdle(&connection);
  while (MayAsk()) {
    AskDue();
    Turn(due_step_ > 0 && !idle_.empty() ? static_cast<std::int64_t>(due_) : now_ + kSweepMicros);
    if (base::Status status = LogSeconds(); !status.ok()) return status;
  }
  const std::int64_t end = std::min(now_, stop_at_);
  phase_ = Phase::kDraining;
  while (waiting_ > 0) Turn(now_ + kSweepMicros);
  const std::int64_t measured = (options_.count > 0 ? now_ : end) - measure_from_;
  tally_.measured_seconds = std::max(static_cast<double>(measured) / 1e6, 0.0);
  for (auto& save : saves_) {
    if (!save) continue;
    if (base::Status status = save->Flush(); !status.ok()) return status;
  }
  return {};
}

bool Driver::MayAsk() const {
  return phase_ == Phase::kRunning && now_ < stop_at_ && (options_.count == 0 || left_ > 0);
}

std::uint32_t Driver::IndexOf(const Connection& connection) const {
  return static_cast<std::uint32_t>(&connection - connections_.data());
}

// ---- connections ----

void Driver::Watch(Connection* connection, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.u32 = IndexOf(*connection);
  ::epoll_ctl(epoll_.get(), operation, connection->fd.get(), &event);
}

// The kernel looks long for a port once half of an address' are in use, and nginx ends who says nothing
// for 5 s: of many connections some were never open together. All of 127.0.0.0/8 is this machine.
void Driver::ChooseSource(const Connection& connection) const {
  constexpr std::uint32_t kPerAddress = 8192;
  const std::uint32_t number = IndexOf(connection) / kPerAddress;
  if (number == 0 || options_.address.sin_addr.s_addr != htonl(INADDR_LOOPBACK)) return;
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number);
  const int on = 1;
  ::setsockopt(connection.fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  ::bind(connection.fd.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source);
}

void Driver::Open(Connection* connection) {
  connection->fd.Reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(connection->fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ChooseSource(*connection);
  const auto* address = reinterpret_cast<const sockaddr*>(&options_.address);
  const int result = ::connect(connection->fd.get(), address, sizeof options_.address);
  if (result != 0 && errno != EINPROGRESS) {
    if (phase_ != Phase::kConnecting) tally_.by_kind.front().Fail(Failure::kConnect);
    return Close(connection);
  }
  connection->state = State::kConnecting;
  connection->sent_micros = now_;
  ++opening_;
  Watch(connection, EPOLLOUT, EPOLL_CTL_ADD);
}

void Driver::Close(Connection* connection) {
  if (connection->state == State::kConnecting) --opening_;
  if (connection->state == State::kWaiting) --waiting_;
  connection->fd.Reset();
  connection->state = State::kClosed;
  connection->received.clear();
  connection->unsent.clear();
  to_open_.push_back(IndexOf(*connection));
}

// nginx ended the connection, between two requests as a rule, as it does after so many.
void Driver::Reconnect(Connection* connection) {
  ++tally_.reconnects;
  Close(connection);
  if (phase_ == Phase::kDraining || opening_ >= kMostOpening) return;
  to_open_.pop_back();
  Open(connection);
}

void Driver::Lose(Connection* connection, Failure failure) {
  tally_.by_kind[connection->kind].Fail(failure);
  connection->sends_again = false;
  Close(connection);
}

// A server may close a connection that it takes for idle while a request is on its way (RFC 9112 section 9.3.1). Only
// where the options say so is that no failure: it would hide requests that the server dropped.
void Driver::LoseUnanswered(Connection* connection) {
  const bool may_send_again = options_.sends_again && connection->is_reused &&
                              connection->received.empty() && !connection->sends_again &&
                              phase_ == Phase::kRunning;
  if (!may_send_again) return Lose(connection, Failure::kClosed);
  ++tally_.sent_again;
  connection->sends_again = true;
  Reconnect(connection);
}

void Driver::OnConnected(Connection* connection) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(connection->fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    if (phase_ != Phase::kConnecting) tally_.by_kind.front().Fail(Failure::kConnect);
    return Close(connection);
  }
  --opening_;
  connection->state = State::kIdle;
  connection->is_reused = false;
  Watch(connection, EPOLLIN, EPOLL_CTL_MOD);
  if (connection->sends_again) return Send(connection);
  if (phase_ != Phase::kConnecting) BecomeIdle(connection);
}

// ---- the loop ----

void Driver::Turn(std::int64_t wake_micros) {
  if (now_ >= next_sweep_ || (!to_open_.empty() && phase_ == Phase::kConnecting)) Sweep();
  const std::int64_t wait = std::max<std::int64_t>(std::min(wake_micros, next_sweep_) - now_, 0);
  const timespec timeout{.tv_sec = wait / 1000000, .tv_nsec = wait % 1000000 * 1000};
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = ::epoll_pwait2(epoll_.get(), events.data(), kEventsPerTurn, &timeout, nullptr);
  now_ = base::MonotonicMicros();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u32 == kStopTag) {
      StopEarly();
    } else {
      OnEvent(&connections_[event.data.u32], event.events);
    }
  }
}

void Driver::StopEarly() {
  if (phase_ == Phase::kConnecting) return;  // comes again, once there is something to stop
  stop_at_ = std::min(stop_at_, now_);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, stop_fd_, nullptr);
}

// Answers of one turn may be a few too late for the second they are counted in, by a turn at most.
base::Status Driver::LogSeconds() {
  if (second_log_ == nullptr) return {};
  const std::int64_t now = std::min(now_, stop_at_);
  while (now >= measure_from_ + static_cast<std::int64_t>(logged_ + 1) * 1000000) {
    std::uint64_t failed = 0;
    for (const KindTally& kind : tally_.by_kind) failed += kind.failed();
    second_.failed = failed - std::exchange(failed_before_, failed);
    if (base::Status status = second_log_->Add(++logged_, second_); !status.ok()) return status;
    second_ = SecondTally();
  }
  return {};
}

// What time brings: requests that waited too long, connections to be opened again.
void Driver::Sweep() {
  next_sweep_ = now_ + kSweepMicros;
  const std::int64_t oldest = now_ - Micros(options_.timeout);
  for (Connection& connection : connections_) {
    if (connection.state == State::kWaiting && connection.sent_micros < oldest) {
      Lose(&connection, Failure::kTimeout);
    }
  }
  if (phase_ == Phase::kDraining) return;
  std::vector<std::uint32_t> again = std::move(to_open_);
  to_open_.clear();
  while (!again.empty() && opening_ < kMostOpening) {
    Open(&connections_[again.back()]);
    again.pop_back();
  }
  to_open_.insert(to_open_.end(), again.begin(), again.end());
}

}  // namespace load
