#include "worker/pool/prefork.h"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include "base/bytes.h"
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
    if (place.replacement) ReadNotification(place, *place.replacement);
    if (place.serving) ReadNotification(place, *place.serving);
  }
}

void Prefork::ReadNotification(Place& place, ChildProcess& child) {
  char word = 0;
  ssize_t got = 0;
  while ((got = ::read(child.ready_pipe.get(), &word, 1)) == 1) {
    if (word == kRecycleNotification && place.request == Request::kNone)
      place.request = Request::kRecycle;
    if (word == kReadyNotification) return OnReady(place, child);
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
    for (Place& place : places_) place.request = Request::kReload;
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

// ---- the places: who serves each, and who replaces whom ----

void Prefork::TendPlace(Place& place) {
  if (now_ < place.start_at) return;
  if (!place.serving && !place.replacement) {
    place.request = Request::kNone;
    place.serving = Start(place);
    if (!place.serving) place.start_at = now_ + limits_.first_backoff;
    return;
  }
  if (place.request == Request::kNone || place.replacement || IsReplacing()) return;
  if (place.serving->state != ChildProcess::State::kServing) return;
  place.replacement = Start(place);
  if (!place.replacement) GiveUpReplacing(place);
}

// One at a time: while a place is rolled over, all others serve.
bool Prefork::IsReplacing() const {
  return std::ranges::any_of(places_,
                             [](const Place& place) { return place.replacement.has_value(); });
}

std::optional<ChildProcess> Prefork::Start(const Place& place) {
  auto child = starter_.Start(place.socket.name, place.socket.fd, now_);
  if (child.ok()) return std::move(*child);
  log_.Error("child_not_started",
             {{"child", place.socket.name}, {"reason", child.error().message()}});
  return std::nullopt;
}

void Prefork::OnReady(Place& place, ChildProcess& child) {
  child.state = ChildProcess::State::kServing;
  child.state_since = now_;
  child.heartbeat = starter_.HeartbeatOf(child);
  const bool replaces = place.replacement && &child == &*place.replacement;
  if (!replaces) return;
  if (place.serving) {
    place.serving->state = ChildProcess::State::kDraining;
    place.serving->state_since = now_;
    place.serving->ready_pipe.Reset();  // it has nothing more to say
    Kill(*place.serving, SIGTERM);
    draining_.push_back(std::move(*place.serving));
  }
  place.serving = std::move(*place.replacement);
  place.replacement.reset();
  place.request = Request::kNone;
}

bool Prefork::OnExitIn(Place& place, pid_t pid, int wait_status) {
  const bool replacing = place.replacement && place.replacement->pid == pid;
  if (!replacing && !(place.serving && place.serving->pid == pid)) return false;
  ChildProcess dead = std::move(replacing ? *place.replacement : *place.serving);
  (replacing ? place.replacement : place.serving).reset();
  const bool was_at_work = Bury(dead, wait_status);
  if (stopping_) return true;
  if (was_at_work) {
    place.start_at = now_;
  } else {
    BackOff(place, dead);
  }
  if (replacing) GiveUpReplacing(place);
  return true;
}

// Notes what its death means and forgets it. true: it worked on a request.
bool Prefork::Bury(const ChildProcess& dead, int wait_status) {
  const std::optional<Work> work = starter_.WorkOf(dead);
  const bool by_itself = EndedByItself(wait_status);
  if (work && by_itself && on_death_at_work_) {
    on_death_at_work_({.child = dead.name, .work = *work, .wait_status = wait_status});
  }
  starter_.Forget(dead);
  // Told to end, and ended.
  const bool is_meant = (stopping_ || dead.state == ChildProcess::State::kDraining) && !by_itself;
  if (is_meant) return work.has_value();
  const std::string how = DescribeExit(wait_status);
  if (work) {
    log_.Warn("child_died", {{"child", dead.name},
                             {"pid", dead.pid},
                             {"how", how},
                             {"address", work->address},
                             {"request_id", base::HexEncode(work->request)}});
  } else {
    log_.Warn("child_died", {{"child", dead.name}, {"pid", dead.pid}, {"how", how}});
  }
  return work.has_value();
}

// The first respawn happens at once: a child that was killed has clients waiting in its socket.
// One that had been serving can start: longer than the first back-off would only keep the place empty.
void Prefork::BackOff(Place& place, const ChildProcess& dead) {
  const bool served = dead.state == ChildProcess::State::kServing;
  const bool was_healthy = served && now_ - dead.state_since >= limits_.healthy_after;
  if (was_healthy) place.backoff = milliseconds(0);
  if (served) place.backoff = std::min(place.backoff, limits_.first_backoff);
  place.start_at = now_ + place.backoff;
  place.backoff = std::clamp(place.backoff * 2, limits_.first_backoff, limits_.longest_backoff);
}

// The old child stays. A reload ends here for the other places too: the next would fail alike.
void Prefork::GiveUpReplacing(Place& place) {
  if (place.request != Request::kReload) return;  // a recycling is tried again after the back-off
  log_.Error("reload_stopped", {{"child", place.socket.name}, {"reason", "replacement not ready"}});
  for (Place& each : places_) each.request = Request::kNone;
}

}  // namespace worker
