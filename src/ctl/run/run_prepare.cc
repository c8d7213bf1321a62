#include "ctl/run/run_prepare.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

#include "base/os/owner.h"
#include "base/url.h"
#include "base/variables.h"
#include "crypto/crypto.h"
#include "ctl/backup/authenticity.h"
#include "ctl/run/nginx_config.h"
#include "supervisor/run_files.h"

namespace ctl {

namespace {

using base::Code;
using base::Settings;
using base::Status;

// The shared tables take 18 MB at their first start; then a few pages for the database and its log.
constexpr std::uint64_t kRoomAtFirst = 20 * 1024 * 1024;
constexpr std::uint64_t kRoomLater = 512 * 1024;

bool IsThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Status CheckRoom(const Settings& settings, const std::string& folder) {
  struct statvfs info {};
  if (::statvfs(folder.c_str(), &info) != 0) return base::ErrnoStatus("look at " + folder, errno);
  const std::uint64_t room = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  const bool is_first = !IsThere(settings.RunPath("shared.tables"));
  const std::uint64_t wanted = is_first ? kRoomAtFirst : kRoomLater;
  if (room >= wanted) return {};
  return {Code::kFull, "the disk of " + folder + " is full (" + std::to_string(room / 1024) +
                           " KB left, " + std::to_string(wanted / 1024) + " KB needed)"};
}

// The demo makes its own key on first start; a database without its key is a loss, never a first
// start.
Status CheckMasterKey(const Settings& settings, bool may_make_it) {
  const std::string path = settings.MasterKeyPath();
  if (IsThere(path)) return {};
  if (IsThere(settings.DatabasePath())) {
    return {Code::kNotFound,
            path + " is missing, and nothing in " + settings.DatabasePath() +
                " can be signed or decrypted without it: restore it from a backup"};
  }
  if (!may_make_it) {
    return {Code::kNotFound, settings.data_dir +
                                 " has no master key yet: run `latchkey init --help` first, or "
                                 "`latchkey run --demo` to try Latchkey out"};
  }
  crypto::SystemRandom random;
  return crypto::MasterKey::Create(path, random).status();
}

// A clean stop removes the pid file. nginx's own would not do: it goes before nginx lets go of the
// port.
bool PredecessorWasKilled(const Settings& settings) {
  return IsThere(PidPath(settings)) && !supervisor::IsLocked(settings.data_dir);
}

// Started as root, a low port is opened before root becomes the owner of the data; that the same
// data is in use already is the better explanation of a port in use, so it is said first.
Status PrepareInOrder(const RunOptions& options, Prepared* prepared) {
  Settings& settings = prepared->settings;
  if (Status status = supervisor::MakePathsAbsolute(&settings); !status.ok()) return status;
  auto programs = supervisor::FindPrograms();
  if (!programs.ok()) return programs.error();
  prepared->programs = std::move(*programs);
  prepared->descriptor_limit = supervisor::RaiseDescriptorLimit();
  ::umask(0077);
  if (Status status = supervisor::CheckSocketPaths(settings); !status.ok()) return status;
  if (Status status = supervisor::MakeDataFolder(settings.data_dir); !status.ok()) return status;
  const std::int64_t workers =
      NginxWorkers(settings, supervisor::UsableCores(), prepared->descriptor_limit);
  auto tcp = PredecessorWasKilled(settings) ? supervisor::AwaitTcpListeners(settings, workers)
                                            : supervisor::OpenTcpListeners(settings, workers);
  if (Status status = base::BecomeOwner(settings.data_dir); !status.ok()) return status;
  if (Status status = supervisor::CheckPrograms(prepared->programs); !status.ok()) return status;
  auto lock = supervisor::LockData(settings.data_dir);
  if (!lock.ok()) return lock.error();
  prepared->lock = std::move(*lock);
  if (!tcp.ok()) return tcp.error();
  prepared->tcp = std::move(*tcp);
  if (Status status = supervisor::MakeRunFolders(settings); !status.ok()) return status;
  for (const std::string& folder : {settings.data_dir, settings.run_dir}) {
    if (Status status = CheckRoom(settings, folder); !status.ok()) return status;
  }
  if (Status status = CheckMasterKey(settings, options.demo); !status.ok()) return status;
  // Of a data folder that was made before there was such a key.
  if (Status status = KeepBackupKey(settings, LoadBackupKeys(settings)); !status.ok()) {
    return status;
  }
  auto sockets = supervisor::OpenUnixListeners(settings);
  if (!sockets.ok()) return sockets.error();
  prepared->sockets = std::move(*sockets);
  for (const std::string& path : NginxLogPaths(settings))
    supervisor::RotateByRename(path, supervisor::kMostLogBytes);
  return WriteNginxConfiguration(settings, prepared->descriptor_limit, AddressesOf(prepared->tcp));
}

// http://127.0.0.1:9000, say, while nginx listens on another port: every link would lead nowhere.
bool PublicUrlMissesPort(const Settings& settings) {
  const std::string host(base::SplitUrl(settings.public_url).host);
  if (!base::IsLoopback(host)) return false;
  const std::string own = "http://" + host;
  return settings.public_url != own + ":" + std::to_string(settings.port) &&
         !(settings.port == 80 && settings.public_url == own);
}

}  // namespace

base::Result<Prepared> Prepare(Settings settings, const RunOptions& options) {
  Prepared prepared;
  prepared.settings = std::move(settings);
  if (Status status = PrepareInOrder(options, &prepared); !status.ok())
    return supervisor::WithAdvice(status);
  return prepared;
}

std::string PidPath(const Settings& settings) { return settings.RunPath("run.pid"); }

Status WriteNginxConfiguration(const Settings& settings, std::int64_t descriptor_limit,
                               const std::vector<std::string>& listen) {
  const NginxPlan plan = PlanNginx(settings, supervisor::UsableCores(), descriptor_limit);
  const auto files = RenderNginxFiles(
      {.settings = settings, .plan = plan, .listen = listen, .runs_as_root = geteuid() == 0});
  if (!files.ok()) return files.error();
  return WriteNginxFiles(settings, *files);
}

std::int64_t NginxWorkers(const Settings& settings, std::int64_t cores,
                          std::int64_t descriptor_limit) {
  return PlanNginx(settings, cores, descriptor_limit).workers;
}

std::vector<std::string> AddressesOf(const std::vector<supervisor::TcpListener>& listeners) {
  std::vector<std::string> addresses;
  for (const supervisor::TcpListener& listener : listeners) {
    const bool is_another = addresses.empty() || addresses.back() != listener.address;
    if (is_another) addresses.push_back(listener.address);
  }
  return addresses;
}

void WarnOfOddities(const Settings& settings, std::int64_t descriptor_limit, const base::Log& log) {
  if (geteuid() == 0) {
    log.Warn("runs_as_root", {{"processes", "writer, workers, nginx and its workers"},
                              {"reason", settings.data_dir + " is root's"},
                              {"better", "chown -R USER " + settings.data_dir}});
  }
  base::WarnOfUnknownVariables(log);
  const NginxPlan plan = PlanNginx(settings, supervisor::UsableCores(), descriptor_limit);
  if (plan.clients < settings.max_clients) {
    log.Warn("fewer_clients", {{"descriptors", descriptor_limit},
                               {"max_clients", settings.max_clients},
                               {"carried", plan.clients}});
  }
  std::ifstream somaxconn("/proc/sys/net/core/somaxconn");
  if (int backlog = 0; somaxconn >> backlog && backlog < supervisor::kListenBacklog) {
    log.Warn("short_listen_queue",
             {{"net.core.somaxconn", backlog}, {"better", supervisor::kListenBacklog}});
  }
  // nginx speaks no TLS here, so something in front of it does, and all clients look like that.
  if (settings.public_url.starts_with("https://") && settings.trusted_proxies.empty()) {
    log.Warn("no_trusted_proxies",
             {{"public_url", settings.public_url},
              {"effect", "all clients share the limits of one address"},
              {"better", "set trusted_proxies to the address of what speaks TLS"}});
  }
  if (PublicUrlMissesPort(settings)) {
    log.Warn("public_url_has_another_port",
             {{"public_url", settings.public_url}, {"port", settings.port}});
  }
}

}  // namespace ctl
