#include "worker/child.h"

#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "base/settings.h"
#include "crypto/crypto.h"
#include "wire/client.h"
#include "worker/app.h"
#include "worker/burst_memory.h"
#include "worker/death_reporter.h"
#include "worker/fcgi/fcgi_loop.h"
#include "worker/options.h"
#include "worker/pool/child_process.h"
#include "worker/pool/child_slots.h"
#include "worker/routes.h"

namespace worker {

namespace {

void Notify(int ready_fd, char word, const base::Log& log) {
  if (::write(ready_fd, &word, 1) != 1) {
    log.Warn("notify_failed", {{"reason", base::ErrnoStatus("write", errno).message()}});
  }
}

void NoteStart(AppParts& app) {
  metrics::ChildCounters* const counters = app.counters();
  if (counters == nullptr) return;
  counters->Add(metrics::Count::kStarts);
  counters->Set(metrics::Gauge::kPid, static_cast<std::uint64_t>(::getpid()));
  counters->Set(metrics::Gauge::kStartedAtMs,
                static_cast<std::uint64_t>(base::ToUnixMillis(app.clock().Now())));
}

}  // namespace

http::Outcome HandleRequest(const http::Request& request, AppParts& app) {
  return Dispatch(request, app.app());
}

base::Status RunChild(const CommandLine& line, const Handler& handle) {
  const base::Log log(line.place.name);
  const auto settings = base::LoadSettings(line.config_path, line.data_dir);
  if (!settings.ok()) return settings.error();
  const auto slots = ChildSlots::Map(base::UniqueFd(line.place.slots_fd));
  if (!slots.ok()) return slots.error();
  auto parts = AppParts::Open(*settings, line.place.name, log);
  if (!parts.ok()) return parts.error();
  AppParts& app = **parts;
  crypto::SystemRandom random;
  auto loop = FcgiLoop::Create(LoopOptions(line, *settings, random, log), app.clock(), random, log);
  if (!loop.ok()) return loop.error();
  wire::Client writer(ClientOptions(line, *settings), (*loop)->epoll_fd(), FcgiLoop::kWriterTag,
                      app.page(), app.clock(), log);
  RequestGuard guard(*slots, line.place.slot, app.poison(), app.clock());
  DeathReporter deaths(app.death_notes(), writer, app.clock());
  NoteStart(app);
  BurstMemory memory([] { ::malloc_trim(0); });
  return (*loop)->Run(
      {.handle =
           [&app, &handle](const http::Request& request) {
             http::Outcome outcome = handle(request, app);
             app.RequestEnded();
             return outcome;
           },
       .refused = &Refused,
       .turn_started = [&app] { app.StartTurn(); },
       .turn_ended =
           [&] {
             app.EndTurn();
             deaths.TurnEnded();
             memory.TurnEnded(writer.pending(), app.clock().SinceBoot());
           },
       .ready = [&] { Notify(line.place.ready_fd, kReadyNotification, log); },
       .recycle_due = [&] { Notify(line.place.ready_fd, kRecycleNotification, log); },
       .heartbeat = slots->heartbeat(line.place.slot),
       .counters = app.counters(),
       .guard = &guard},
      writer);
}

}  // namespace worker
