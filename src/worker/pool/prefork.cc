#include "worker/pool/prefork.h"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/os/unix_socket.h"

namespace worker {

namespace {

using base::milliseconds;

constexpr milliseconds kTick{1000};

milliseconds MonotonicNow() { return milliseconds(base::MonotonicMicros() / 1000); }

}  // namespace

Prefork::Prefork(Options options, ChildStarter starter, std::vector<Socket> sockets,
                 const base::Log& log)
    : limits_(options.limits),
      on_death_at_work_(std::move(options.on_death_at_work)),
      starter_(std::move(starter)),
      log_(log) {
  places_.resize(sockets.size());
  for (std::size_t i = 0; i < sockets.size(); ++i) places_[i].socket = std::move(sockets[i]);
}

Prefork::~Prefork() = default;

base::Result<std::unique_ptr<Prefork>> Prefork::Create(Options options, std::vector<Socket> sockets,
                                                       const base::Log& log) {
  auto starter = ChildStarter::Create(options.program, options.arguments);
  if (!starter.ok()) return starter.error();
  std::unique_ptr<Prefork> prefork(
      new Prefork(std::move(options), std::move(*starter), std::move(sockets), log));
  if (auto status = prefork->Open(); !status.ok()) return status;
  return prefork;
}

base::Status Prefork::Open() {
  sigset_t mask;
  sigemptyset(&mask);
  for (const int taken : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&mask, taken);
  sigset_t blocked = mask;
  sigaddset(&blocked, SIGQUIT);  // for a child that is stopped before it takes its signals
  if (sigprocmask(SIG_BLOCK, &blocked, nullptr) != 0)
    return base::ErrnoStatus("sigprocmask", errno);
  signals_.Reset(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_.valid()) return base::ErrnoStatus("signalfd", errno);
  for (const Place& place : places_) {
    if (auto status = base::SetCloseOnExec(place.socket.fd, true); !status.ok()) return status;
  }
  return {};
}

base::Status Prefork::Run() {
  now_ = last_tick_ = MonotonicNow();
  while (true) {
    Tick();
    if (stopping_ && IsGone()) break;
    Wait();
    now_ = MonotonicNow();
    TakeSignals();
    HearChildren();
    Reap();
  }
  log_.Info("stopped");
  return {};
}

template <class Function>
void Prefork::ForEachChild(Function function) {
  for (Place& place : places_) {
    if (place.serving) function(*place.serving);
    if (place.replacement) function(*place.replacement);
  }
  for (ChildProcess& child : draining_) function(child);
}

// ---- one turn ----

void Prefork::Wait() {
  polled_.clear();
  polled_.push_back({.fd = signals_.get(), .events = POLLIN, .revents = 0});
  ForEachChild([this](const ChildProcess& child) {
    if (!child.ready_pipe.valid()) return;
    polled_.push_back({.fd = child.ready_pipe.get(), .events = POLLIN, .revents = 0});
  });
  milliseconds wait = kTick;
  for (const Place& place : places_) {
    if (!place.serving && !place.replacement && !stopping_)
      wait = std::min(wait, place.start_at - now_);
  }
  const auto timeout = std::max(wait, milliseconds(0)).count();
  poll(polled_.data(), polled_.size(), static_cast<int>(timeout));
}

void Prefork::TakeSignals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    switch (info.ssi_signo) {
      case SIGHUP:
        StartCheck();
        break;
      case SIGTERM:
        StartStop("SIGTERM");
        break;
      case SIGINT:
        StartStop("SIGINT");
        break;
      default:
        break;  // SIGCHLD: Reap looks each turn
    }
  }
}

void Prefork::HearChildren() {
  for (Place& place : places_) {
    if (place.replacement) Hear(place, *place.replacement);
    if (place.serving) Hear(place, *place.serving);
  }
}

void Prefork::Hear(Place& place, ChildProcess& child) {
  char word = 0;
  ssize_t got = 0;
  while ((got = ::read(child.ready_pipe.get(), &word, 1)) == 1) {
    if (word == kRecycleWord && place.wish == Wish::kNone) place.wish = Wish::kRecycle;
    if (word == kReadyWord) return OnReady(place, child);
  }
  if (got == 0) child.ready_pipe.Reset();  // it exits: Reap will see
}

void Prefork::Reap() {
  int wait_status = 0;
  pid_t pid = 0;
  while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
    if (pid == check_pid_) {
      OnCheckExit(wait_status);
      continue;
    }
    const auto drained = std::ranges::find(draining_, pid, &ChildProcess::pid);
    if (drained != draining_.end()) {
      Bury(*drained, wait_status);
      draining_.erase(drained);
      continue;
    }
    for (Place& place : places_) {
      if (OnExitIn(place, pid, wait_status)) break;
    }
  }
}

void Prefork::Tick() {
  ForEachChild([this](ChildProcess& child) { WatchChild(child); });
  last_tick_ = now_;
  if (check_pid_ != 0 && now_ >= check_ends_at_) ::kill(check_pid_, SIGKILL);
  if (stopping_) {
    if (now_ >= stop_ends_at_) ForEachChild([this](ChildProcess& child) { Kill(child, SIGKILL); });
    return;
  }
  for (Place& place : places_) TendPlace(place);
}

// Kills a child that overran a limit; Reap does the rest.
void Prefork::WatchChild(ChildProcess& child) {
  const milliseconds in_state = now_ - child.state_since;
  switch (child.state) {
    case ChildProcess::State::kStarting:
      if (in_state < limits_.ready) return;
      log_.Error("child_not_ready", {{"child", child.name}, {"pid", child.pid}});
      return Kill(child, SIGKILL);
    case ChildProcess::State::kDraining:
      if (in_state < limits_.drain) return;
      log_.Warn("child_drains_too_long", {{"child", child.name}, {"pid", child.pid}});
      return Kill(child, SIGKILL);
    case ChildProcess::State::kServing:
      break;
  }
  const std::uint64_t heartbeat = starter_.HeartbeatOf(child);
  if (std::exchange(child.heartbeat, heartbeat) != heartbeat) {
    child.heartbeat_still_for = milliseconds(0);
    return;
  }
  // A machine that slept must not count its sleep.
  child.heartbeat_still_for += std::min(now_ - last_tick_, 2 * kTick);
  if (child.heartbeat_still_for < limits_.hang) return;
  log_.Error("child_hangs", {{"child", child.name}, {"pid", child.pid}});
  Kill(child, SIGKILL);
}

void Prefork::Kill(const ChildProcess& child, int signal_number) const {
  ::kill(child.pid, signal_number);
}

// ---- reload and stop ----

void Prefork::StartCheck() {
  if (stopping_) return;
  check_again_ = check_pid_ != 0;
  if (check_again_) return;
  const auto pid = starter_.StartCheck();
  if (!pid.ok()) {
    log_.Error("reload_refused", {{"reason", pid.error().message()}});
    return;
  }
  check_pid_ = *pid;
  check_ends_at_ = now_ + limits_.ready;
}

void Prefork::OnCheckExit(int wait_status) {
  check_pid_ = 0;
  const bool good = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
  if (good) {
    log_.Info("reload");
    for (Place& place : places_) place.wish = Wish::kReload;
  } else {
    log_.Error("reload_refused", {{"reason", "--check-config: " + DescribeExit(wait_status)}});
  }
  if (std::exchange(check_again_, false)) StartCheck();
}

void Prefork::StartStop(std::string_view reason) {
  if (stopping_) return;
  stopping_ = true;
  stop_ends_at_ = now_ + limits_.stop;
  log_.Info("stopping", {{"reason", reason}});
  if (check_pid_ != 0) ::kill(check_pid_, SIGKILL);
  ForEachChild([this](const ChildProcess& child) { Kill(child, SIGQUIT); });
}

bool Prefork::IsGone() const {
  const bool served = std::ranges::any_of(
      places_, [](const Place& place) { return place.serving || place.replacement; });
  return !served && draining_.empty() && check_pid_ == 0;
}

}  // namespace worker
