#include "worker/options.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

namespace worker {

namespace {

// What a child holds beside nginx's connections: database, shared memory, sockets, pipes.
constexpr std::size_t kOtherDescriptors = 64;

// Hashing a password takes long on purpose, and is no slow read: the login pool's requests have that
// much more.
constexpr base::milliseconds kHashTime{1000};

// Requests that wait for a login child's next hash: 64 of them are 3 s of a core, well within a request's
// budget, and 2 MB.
constexpr std::size_t kLoginConnections = 64;

// So long a parent waits for its children beyond their longest request.
constexpr base::milliseconds kStopSlack{1000};

// A child is replaced after so many requests, give or take 10 %: against leaks that nobody knows of.
constexpr std::uint64_t kRecycleAfterRequests = 2'000'000;

// Emptied by each commit of the writer, so more buys nothing.
constexpr std::int64_t kReaderCacheKb = 1024;

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
std::uint64_t Jittered(std::uint64_t requests, domain::Random& random) {
  std::uint16_t bits = 0;
  random.Fill({reinterpret_cast<std::uint8_t*>(&bits), sizeof bits});
  return requests - requests / 10 + requests / 5 * bits / 0xffff;
}

}  // namespace

FcgiLoop::Options LoopOptions(const CommandLine& line, const base::Settings& settings,
                              domain::Random& random, const base::Log& log) {
  const bool kept = line.pool == Pool::kApi;
  const auto wanted = static_cast<std::size_t>(settings.connections_per_child);
  return {
      .listen_fd = line.place.listen_fd,
      .parent_fd = line.place.parent_fd,
      .connections = kept ? FcgiLoop::Connections::kKept : FcgiLoop::Connections::kOneRequestEach,
      .max_connections = kept ? PossibleConnections(wanted, log) : kLoginConnections,
      .request_budget = base::milliseconds(settings.request_budget_ms),
      .recycle_after_requests = Jittered(kRecycleAfterRequests, random),
      .slow_request =
          base::milliseconds(settings.slow_ms) + (kept ? base::milliseconds(0) : kHashTime)};
}

wire::Client::Options ClientOptions(const CommandLine& line, const base::Settings& settings) {
  return {.socket_path = settings.RunPath("writer.sock"),
          .max_pending = static_cast<std::size_t>(settings.pending_writes_per_child),
          .record_deadline = base::milliseconds(settings.record_deadline_ms),
          .heartbeat_old = base::milliseconds(settings.heartbeat_old_ms),
          .name = line.place.name};
}

store::ReaderOptions ReaderOptions(const base::Settings& settings) {
  return {.database_path = settings.DatabasePath(), .cache_kb = kReaderCacheKb};
}

std::string MasterKeyPath(const base::Settings& settings) {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  return credentials == nullptr ? settings.MasterKeyPath()
                                : std::string(credentials) + "/master.key";
}

Prefork::Limits PoolLimits(const base::Settings& settings) {
  return {.stop = base::milliseconds(settings.request_budget_ms) + kStopSlack};
}

std::int64_t LoginChildren(const base::Settings& settings, unsigned cores) {
  if (settings.login_children > 0) return settings.login_children;
  return std::max(1U, cores);
}

}  // namespace worker
