#include "worker/pool/parent.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/os/unix_socket.h"
#include "base/settings.h"
#include "base/variables.h"
#include "crypto/crypto.h"
#include "worker/options.h"
#include "worker/pool/death_ledger.h"
#include "worker/pool/prefork.h"
#include "worker/routes.h"

namespace worker {

namespace {

// The path this process was started from, so that a new binary put there is what the next child
// runs.
base::Result<std::string> OwnPath() {
  std::array<char, 4096> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return base::ErrnoStatus("read /proc/self/exe", errno);
  return std::string(path.data(), static_cast<std::size_t>(size));
}

// Named api-N; or all of them api, as those of one systemd unit, in the order of its lines.
std::vector<Prefork::Socket> InheritedApiSockets() {
  std::vector<Prefork::Socket> sockets;
  for (const base::InheritedSocket& socket : base::InheritedSockets()) {
    if (socket.name == "api") {
      sockets.push_back({.name = "api-" + std::to_string(sockets.size() + 1), .fd = socket.fd});
    } else if (socket.name.starts_with("api-")) {
      sockets.push_back({.name = socket.name, .fd = socket.fd});
    }
  }
  return sockets;
}

// A socket of its own for each child: none may be left without one, nor one without a child.
base::Result<std::vector<Prefork::Socket>> ApiSockets(std::int64_t children) {
  const auto given = InheritedApiSockets();
  if (!given.empty() && std::ssize(given) != children) {
    return base::Status(base::Code::kInvalid,
                        "[workers] api_children is " + std::to_string(children) + ", but " +
                            std::to_string(given.size()) + " sockets named api-N were handed " +
                            "over: make them agree and start anew");
  }
  std::vector<Prefork::Socket> sockets;
  for (std::int64_t i = 1; i <= children; ++i) {
    const std::string name = "api-" + std::to_string(i);
    const auto found = std::ranges::find(given, name, &Prefork::Socket::name);
    if (found == given.end()) return base::InheritedSocketNamed(name).error();
    sockets.push_back(*found);
  }
  return sockets;
}

// One socket for all: a child accepts only while it is idle.
base::Result<std::vector<Prefork::Socket>> LoginSockets(std::int64_t children) {
  const auto fd = base::InheritedSocketNamed("login");
  if (!fd.ok()) return fd.error();
  std::vector<Prefork::Socket> sockets;
  for (std::int64_t i = 1; i <= children; ++i) {
    sockets.push_back({.name = "login-" + std::to_string(i), .fd = *fd});
  }
  return sockets;
}

std::vector<std::string> ChildArguments(const CommandLine& line) {
  return {"--pool",     std::string(NameOf(line.pool)), "--config", line.config_path, "--data",
          line.data_dir};
}

// Without the tables the pool runs on: its children say what is wrong with them, and a death is
// noted nowhere.
std::unique_ptr<DeathLedger> OpenLedger(const base::Settings& settings, const base::Clock& clock,
                                        const base::Log& log) {
  crypto::SystemRandom random;
  auto tables = shm::SharedTables::Open(settings.RunPath("shared.tables"), random);
  if (tables.ok()) {
    return std::make_unique<DeathLedger>(std::move(*tables), RouteNames(), clock, log);
  }
  log.Error("deaths_not_noted", {{"reason", tables.error().message()}});
  return nullptr;
}

// The sockets are handed on by number; a child must not take them for its own.
void ForgetListenEnvironment() {
  for (const char* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}) unsetenv(name);
}

}  // namespace

base::Status RunParent(const CommandLine& line) {
  const base::Log log(std::string(NameOf(line.pool)));
  const auto settings = base::LoadSettings(line.config_path, line.data_dir);
  if (!settings.ok()) return settings.error();
  auto program = OwnPath();
  if (!program.ok()) return program.error();
  auto sockets = line.pool == Pool::kApi
                     ? ApiSockets(settings->api_children)
                     : LoginSockets(LoginChildren(*settings, std::thread::hardware_concurrency()));
  if (!sockets.ok()) return sockets.error();
  ForgetListenEnvironment();
  const base::SystemClock clock;
  const std::unique_ptr<DeathLedger> ledger = OpenLedger(*settings, clock, log);
  Prefork::Options options{
      .program = *program, .arguments = ChildArguments(line), .limits = PoolLimits(*settings)};
  if (ledger) {
    options.on_death_at_work = [&ledger](const Prefork::DeathAtWork& death) {
      ledger->Note(death);
    };
  }
  auto prefork = Prefork::Create(std::move(options), std::move(*sockets), log);
  if (!prefork.ok()) return prefork.error();
  base::WarnOfUnknownVariables(log);
  log.Info("started", {{"pool", NameOf(line.pool)}});
  return (*prefork)->Run();
}

}  // namespace worker
