#include "client/driver.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/clock.h"

namespace load {

namespace {

constexpr int kEventsPerTurn = 256;
constexpr std::uint32_t kMostOpening = 200;  // below nginx's backlog
constexpr std::int64_t kSweepMicros = 50000;
constexpr std::size_t kBufferBytes = 64 * 1024;

std::int64_t Micros(std::chrono::milliseconds duration) { return duration.count() * 1000; }

std::uint32_t Share(std::uint64_t total, std::uint32_t index, std::uint32_t parts) {
  return static_cast<std::uint32_t>(total / parts + (index < total % parts ? 1 : 0));
}

}  // namespace

Driver::Driver(const Options& options, const Scenario& scenario, std::uint32_t index)
    : options_(options),
      scenario_(scenario),
      index_(index),
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
  }
  const std::int64_t end = options_.count > 0 ? now_ : stop_at_;
  phase_ = Phase::kDraining;
  while (waiting_ > 0) Turn(now_ + kSweepMicros);
  tally_.measured_seconds =
      static_cast<double>((options_.count > 0 ? now_ : end) - measure_from_) / 1e6;
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

void Driver::Open(Connection* connection) {
  connection->fd.Reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(connection->fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
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

// nginx ended the connection between two requests, as it does after so many.
void Driver::Reconnect(Connection* connection) {
  ++tally_.reconnects;
  Close(connection);
  if (phase_ == Phase::kDraining || opening_ >= kMostOpening) return;
  to_open_.pop_back();
  Open(connection);
}

void Driver::Lose(Connection* connection, Failure failure) {
  tally_.by_kind[connection->kind].Fail(failure);
  Close(connection);
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
  Watch(connection, EPOLLIN, EPOLL_CTL_MOD);
  if (phase_ != Phase::kConnecting) BecomeIdle(connection);
}

// ---- asking ----

std::uint64_t Driver::NextRandom() {  // xorshift64
  random_state_ ^= random_state_ << 13;
  random_state_ ^= random_state_ >> 7;
  random_state_ ^= random_state_ << 17;
  return random_state_;
}

void Driver::BecomeIdle(Connection* connection) {
  if (connection->state != State::kIdle || !MayAsk()) return;
  if (due_step_ > 0) {
    idle_.push_back(IndexOf(*connection));
  } else {
    Ask(connection, now_);
  }
}

void Driver::AskDue() {
  while (due_step_ > 0 && !idle_.empty() && static_cast<std::int64_t>(due_) <= now_ && MayAsk()) {
    Connection* connection = &connections_[idle_.front()];
    idle_.pop_front();
    if (connection->state != State::kIdle) continue;  // closed while it was idle
    Ask(connection, static_cast<std::int64_t>(due_));
    due_ += due_step_;
  }
}

void Driver::Ask(Connection* connection, std::int64_t due_micros) {
  const RequestKind& kind = scenario_.Choose(NextRandom(), &connection->kind);
  std::uint64_t& next = next_variant_[connection->kind];
  scratch_.assign(kind.head).append(kind.variants[next % kind.variants.size()]);
  next += options_.threads;
  if (options_.count > 0) --left_;
  connection->state = State::kWaiting;
  connection->due_micros = due_micros;
  connection->sent_micros = now_;
  ++waiting_;
  const ssize_t sent = ::send(connection->fd.get(), scratch_.data(), scratch_.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return Lose(connection, Failure::kClosed);
  const auto done = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  if (done == scratch_.size()) return;
  connection->unsent = scratch_.substr(done);
  Watch(connection, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

void Driver::SendUnsent(Connection* connection) {
  std::string& unsent = connection->unsent;
  const ssize_t sent = ::send(connection->fd.get(), unsent.data(), unsent.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return Lose(connection, Failure::kClosed);
  unsent.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  if (unsent.empty()) Watch(connection, EPOLLIN, EPOLL_CTL_MOD);
}

// ---- answers ----

void Driver::OnEvent(Connection* connection, std::uint32_t events) {
  if (connection->state == State::kClosed) return;
  if (connection->state == State::kConnecting) return OnConnected(connection);
  if ((events & EPOLLOUT) != 0 && !connection->unsent.empty()) SendUnsent(connection);
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0 && connection->fd.valid()) OnReadable(connection);
}

void Driver::OnReadable(Connection* connection) {
  const ssize_t size = ::recv(connection->fd.get(), buffer_.data(), buffer_.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) {
    if (connection->state == State::kWaiting) return Lose(connection, Failure::kClosed);
    return Reconnect(connection);
  }
  const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
  if (connection->received.empty()) return OnBytes(connection, bytes);
  connection->received.append(bytes);
  const std::string all = std::move(connection->received);
  connection->received.clear();
  OnBytes(connection, all);
}

void Driver::OnBytes(Connection* connection, std::string_view bytes) {
  const RequestKind& kind = scenario_.kinds[connection->kind];
  const bool look = !kind.save_name.empty() || judged_ % options_.check_every == 0;
  HttpAnswer answer;
  switch (ParseAnswer(bytes, look ? Body::kKeep : Body::kSkip, &answer)) {
    case Parsed::kIncomplete:
      connection->received = bytes;
      return;
    case Parsed::kMalformed:
      return Lose(connection, Failure::kMalformed);
    case Parsed::kComplete:
      break;
  }
  if (connection->state != State::kWaiting || answer.bytes != bytes.size()) {
    return Lose(connection, Failure::kMalformed);
  }
  OnAnswer(connection, answer);
}

void Driver::OnAnswer(Connection* connection, const HttpAnswer& answer) {
  KindTally& tally = tally_.by_kind[connection->kind];
  --waiting_;
  connection->state = State::kIdle;
  Judge(&tally, scenario_.kinds[connection->kind], answer, connection);
  ++judged_;
  if (answer.closes) return Reconnect(connection);
  BecomeIdle(connection);
}

void Driver::Judge(KindTally* tally, const RequestKind& kind, const HttpAnswer& answer,
                   Connection* connection) {
  now_ = base::MonotonicMicros();
  const auto micros =
      static_cast<std::uint64_t>(std::max<std::int64_t>(now_ - connection->due_micros, 0));
  if (micros > 1000000) ++tally_.over_one_second;
  tally_.longest_micros = std::max(tally_.longest_micros, micros);
  if (answer.status != kind.status) {
    ++tally->wrong_statuses[answer.status];
    return tally->Fail(Failure::kStatus);
  }
  if (!answer.content_type.starts_with(kind.answer_type)) return tally->Fail(Failure::kType);
  if (judged_ % options_.check_every == 0 && answer.body.find(kind.contains) == std::string::npos) {
    return tally->Fail(Failure::kField);
  }
  if (auto& save = saves_[connection->kind]) {
    const auto value = JsonText(answer.body, kind.save_name);
    if (!value) return tally->Fail(Failure::kField);
    save->Add(*value);
  }
  ++tally->answered;
  if (now_ >= measure_from_ && now_ < stop_at_) tally->latency.Add(micros);
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
    OnEvent(&connections_[event.data.u32], event.events);
  }
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
