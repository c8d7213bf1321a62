#include "worker/child.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "base/settings.h"
#include "crypto/crypto.h"
#include "wire/client.h"
#include "worker/app.h"
#include "worker/child_process.h"
#include "worker/fcgi_loop.h"
#include "worker/heartbeat_page.h"
#include "worker/options.h"
#include "worker/routes.h"

namespace worker {

namespace {

void Say(int ready_fd, char word, const base::Log& log) {
  if (::write(ready_fd, &word, 1) != 1) {
    log.Warn("parent_does_not_hear", {{"reason", base::ErrnoStatus("write", errno).message()}});
  }
}

}  // namespace

base::Status RunChild(const CommandLine& line) {
  const base::Log log(line.place.name);
  const auto settings = base::LoadSettings(line.config_path, line.data_dir);
  if (!settings.ok()) return settings.error();
  auto heartbeats = HeartbeatPage::Map(base::UniqueFd(line.place.heartbeat_fd));
  if (!heartbeats.ok()) return heartbeats.error();
  auto parts = AppParts::Open(*settings, log);
  if (!parts.ok()) return parts.error();
  AppParts& app = **parts;
  crypto::SystemRandom random;
  auto loop = FcgiLoop::Create(LoopOptions(line, *settings, random, log), app.clock(), random, log);
  if (!loop.ok()) return loop.error();
  wire::Client writer(ClientOptions(line, *settings), (*loop)->epoll_fd(), FcgiLoop::kWriterTag,
                      app.page(), app.clock(), log);
  return (*loop)->Run({.handle =
                           [&app](const http::Request& request) {
                             http::Outcome outcome = Dispatch(request, app.app());
                             app.RequestEnded();
                             return outcome;
                           },
                       .turn_started = [&app] { app.StartTurn(); },
                       .turn_ended = [&app] { app.EndTurn(); },
                       .ready = [&] { Say(line.place.ready_fd, kReadyWord, log); },
                       .recycle_due = [&] { Say(line.place.ready_fd, kRecycleWord, log); },
                       .heartbeat = heartbeats->slot(line.place.heartbeat_slot)},
                      writer);
}

}  // namespace worker
