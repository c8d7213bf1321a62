// The places of a pool: who serves each, and who replaces whom.
#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "worker/pool/prefork.h"

namespace worker {

namespace {

using base::milliseconds;

}  // namespace

void Prefork::TendPlace(Place& place) {
  if (now_ < place.start_at) return;
  if (!place.serving && !place.replacement) {
    place.wish = Wish::kNone;
    place.serving = Start(place);
    if (!place.serving) place.start_at = now_ + limits_.first_backoff;
    return;
  }
  if (place.wish == Wish::kNone || place.replacement || IsReplacing()) return;
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
  place.wish = Wish::kNone;
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
  if (place.wish != Wish::kReload) return;  // a recycling is tried again after the back-off
  log_.Error("reload_stopped", {{"child", place.socket.name}, {"reason", "replacement not ready"}});
  for (Place& each : places_) each.wish = Wish::kNone;
}

}  // namespace worker
