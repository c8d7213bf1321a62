#include "worker/child.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "base/settings.h"
#include "crypto/crypto.h"
#include "wire/client.h"
#include "worker/app.h"
#include "worker/burst_memory.h"
#include "worker/fcgi/fcgi_loop.h"
#include "worker/pool/child_process.h"
#include "worker/pool/heartbeat_page.h"
#include "worker/routes.h"

namespace worker {

namespace {

using std::chrono_literals::operator""ms;

// What a child holds beside nginx's connections: database, shared memory, sockets, pipes.
constexpr std::size_t kOtherDescriptors = 64;

// Hashing a password takes long on purpose, and is no slow read: the login pool's requests have that
// much more.
constexpr base::milliseconds kHashTime{1000};

// The connections that the process may hold, once its soft limit is as high as the hard one.
std::size_t PossibleConnections(std::size_t wanted, const base::Log& log) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t most =
      std::max<std::size_t>(limit.rlim_cur, 2 * kOtherDescriptors) - kOtherDescriptors;
  if (wanted > most) {
    log.Warn("few_descriptors", {{"connections_per_child", wanted}, {"possible", most}});
  }
  return std::min(wanted, most);
}

// 10 % around the setting, so that the children of a pool do not all go at once.
std::uint64_t Jittered(std::uint64_t requests, oauth::Random& random) {
  std::uint16_t bits = 0;
  random.Fill({reinterpret_cast<std::uint8_t*>(&bits), sizeof bits});
  return requests - requests / 10 + requests / 5 * bits / 0xffff;
}

FcgiLoop::Options LoopOptions(const CommandLine& line, const base::Settings& settings,
                              oauth::Random& random, const base::Log& log) {
  const bool kept = line.pool == Pool::kApi;
  const auto wanted = static_cast<std::size_t>(settings.connections_per_child);
  return {
      .listen_fd = line.place.listen_fd,
      .parent_fd = line.place.parent_fd,
      .connections = kept ? FcgiLoop::Connections::kKept : FcgiLoop::Connections::kOneRequestEach,
      .max_connections = kept ? PossibleConnections(wanted, log) : 1,
      .request_budget = base::milliseconds(settings.request_budget_ms),
      .recycle_after_requests =
          Jittered(static_cast<std::uint64_t>(settings.recycle_after_requests), random),
      .slow_request = base::milliseconds(settings.slow_read_ms) + (kept ? 0ms : kHashTime)};
}

wire::Client::Options ClientOptions(const CommandLine& line, const base::Settings& settings) {
  return {.socket_path = settings.RunPath("writer.sock"),
          .max_pending = static_cast<std::size_t>(settings.pending_writes_per_child),
          .record_deadline = base::milliseconds(settings.record_deadline_ms),
          .heartbeat_old = base::milliseconds(settings.heartbeat_old_ms),
          .name = line.place.name};
}

void Say(int ready_fd, char word, const base::Log& log) {
  if (::write(ready_fd, &word, 1) != 1) {
    log.Warn("parent_does_not_hear", {{"reason", base::ErrnoStatus("write", errno).message()}});
  }
}

}  // namespace

http::Outcome HandleRequest(const http::Request& request, AppParts& app) {
  return Dispatch(request, app.app());
}

base::Status RunChild(const CommandLine& line, const Handler& handle) {
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
  BurstMemory memory([] { ::malloc_trim(0); });
  return (*loop)->Run({.handle =
                           [&app, &handle](const http::Request& request) {
                             http::Outcome outcome = handle(request, app);
                             app.RequestEnded();
                             return outcome;
                           },
                       .turn_started = [&app] { app.StartTurn(); },
                       .turn_ended =
                           [&] {
                             app.EndTurn();
                             memory.TurnEnded(writer.pending(), app.clock().SinceBoot());
                           },
                       .ready = [&] { Say(line.place.ready_fd, kReadyWord, log); },
                       .recycle_due = [&] { Say(line.place.ready_fd, kRecycleWord, log); },
                       .heartbeat = heartbeats->slot(line.place.heartbeat_slot)},
                      writer);
}

}  // namespace worker
