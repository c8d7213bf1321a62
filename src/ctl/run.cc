// `latchkey run`: prepares, opens every socket, hands them to the supervisor.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"
#include "crypto/crypto.h"
#include "ctl/commands.h"
#include "ctl/nginx_config.h"
#include "ctl/run_background.h"
#include "ctl/run_environment.h"
#include "ctl/run_files.h"
#include "ctl/run_sockets.h"
#include "ctl/supervisor.h"
#include "wire/writer_page.h"

namespace ctl {

namespace {

using base::Code;
using base::Settings;
using base::Status;

struct RunOptions {
  bool demo = false;
  bool background = false;
};

// All that is made before the first process starts.
struct Prepared {
  Settings settings;
  Programs programs;
  std::int64_t descriptor_limit = 0;
  base::UniqueFd lock;
  std::vector<TcpListener> tcp;
  UnixListeners sockets;
};

bool IsThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

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

// Started as root, a low port is opened before root becomes the owner of the data; that the same
// data is in use already is the better explanation of a port in use, so it is said first.
Status PrepareInOrder(const RunOptions& options, Prepared* prepared) {
  Settings& settings = prepared->settings;
  if (Status status = MakePathsAbsolute(&settings); !status.ok()) return status;
  auto programs = FindPrograms();
  if (!programs.ok()) return programs.error();
  prepared->programs = std::move(*programs);
  prepared->descriptor_limit = RaiseDescriptorLimit();
  ::umask(0077);
  if (Status status = MakeDataFolder(settings.data_dir); !status.ok()) return status;
  auto tcp = OpenTcpListeners(settings);
  if (Status status = BecomeOwner(settings.data_dir); !status.ok()) return status;
  auto lock = LockData(settings.data_dir);
  if (!lock.ok()) return lock.error();
  prepared->lock = std::move(*lock);
  if (!tcp.ok()) return tcp.error();
  prepared->tcp = std::move(*tcp);
  if (Status status = MakeRunFolders(settings); !status.ok()) return status;
  if (Status status = CheckMasterKey(settings, options.demo); !status.ok()) return status;
  auto sockets = OpenUnixListeners(settings);
  if (!sockets.ok()) return sockets.error();
  prepared->sockets = std::move(*sockets);
  return {};
}

Status WriteNginxConfiguration(const Settings& settings, std::int64_t descriptor_limit,
                               const std::vector<std::string>& listen) {
  const NginxPlan plan = PlanNginx(settings, UsableCores(), descriptor_limit);
  const auto files = RenderNginxFiles(
      {.settings = settings, .plan = plan, .listen = listen, .runs_as_root = geteuid() == 0});
  if (!files.ok()) return files.error();
  return WriteNginxFiles(settings, *files);
}

std::vector<std::string> AddressesOf(const std::vector<TcpListener>& listeners) {
  std::vector<std::string> addresses;
  for (const TcpListener& listener : listeners) addresses.push_back(listener.address);
  return addresses;
}

std::vector<std::string> WithSettings(std::vector<std::string> arguments, const Settings& settings,
                                      const std::string& config_path) {
  arguments.insert(arguments.end(), {"--data", settings.data_dir});
  if (!config_path.empty()) arguments.insert(arguments.end(), {"--config", config_path});
  return arguments;
}

ProcessSpec PoolSpec(const std::string& pool, const Prepared& prepared,
                     const std::string& config_path, std::vector<NamedSocket> sockets) {
  return {.name = pool,
          .arguments = WithSettings({prepared.programs.worker, "--pool", pool}, prepared.settings,
                                    config_path),
          .sockets = std::move(sockets)};
}

ProcessSpec NginxSpec(const Prepared& prepared) {
  const Settings& settings = prepared.settings;
  return {.name = "nginx",
          .arguments = {prepared.programs.nginx, "-e", "stderr", "-p", settings.run_dir, "-c",
                        NginxMainFile(settings), "-g", "daemon off;"},
          .sockets = NamesOf(prepared.tcp),
          .handover = SocketHandover::kNginx,
          .orphan_signal = SIGQUIT};
}

// What SIGHUP takes up; what needs sockets anew or another folder does not change without a start.
std::function<Status()> ReloadOf(const Prepared& prepared, const Context& context) {
  return [&context, settings = prepared.settings, limit = prepared.descriptor_limit,
          listen = AddressesOf(prepared.tcp)]() -> Status {
    auto fresh = context.LoadSettings();
    if (!fresh.ok()) return fresh.error();
    if (fresh->api_children != settings.api_children || fresh->port != settings.port ||
        fresh->listen_address != settings.listen_address) {
      return {Code::kInvalid, "api_children, port and listen_address change by a new start only"};
    }
    fresh->data_dir = settings.data_dir;
    fresh->run_dir = settings.run_dir;
    return WriteNginxConfiguration(*fresh, limit, listen);
  };
}

std::function<bool(pid_t)> WriterServing(const std::string& page_path) {
  auto page = std::make_shared<wire::WriterPage>(wire::WriterPage::OpenForReading(page_path));
  return [page](pid_t pid) {
    page->MapIfMissing();
    return page->state() == wire::WriterState::kServing &&
           page->Get(wire::Word::kPid) == static_cast<std::uint64_t>(pid);
  };
}

std::function<bool()> LogKeeper(const Settings& settings) {
  return [access = AccessLogPath(settings), own = settings.data_dir + "/log/latchkey.log"] {
    RotateByCopy(own, kMostLogBytes);
    return RotateByRename(access, kMostLogBytes);
  };
}

Supervisor::Options SupervisorOptions(Prepared prepared, const Context& context) {
  const std::string config_path = context.ConfigPath();
  const Settings& settings = prepared.settings;
  Supervisor::Options options;
  options.writer = {.name = "writer",
                    .arguments = WithSettings({prepared.programs.writer}, settings, config_path),
                    .sockets = NamesOf(prepared.sockets.writer)};
  options.api = PoolSpec("api", prepared, config_path, NamesOf(prepared.sockets.api));
  options.login = PoolSpec("login", prepared, config_path, NamesOf(prepared.sockets.login));
  options.nginx = NginxSpec(prepared);
  options.run_dir = settings.run_dir;
  options.is_writer_serving = WriterServing(settings.RunPath("writer.page"));
  options.prepare_reload = ReloadOf(prepared, context);
  options.keep_logs = LogKeeper(settings);
  options.tcp = std::move(prepared.tcp);
  options.sockets = std::move(prepared.sockets);
  return options;
}

ProcessSpec DemoSpec(const Prepared& prepared, const Context& context) {
  return {.name = "demo",
          .arguments = WithSettings({prepared.programs.latchkey, "demo"}, prepared.settings,
                                    context.ConfigPath()),
          .sockets = {}};
}

void WarnOfSmallLimits(const Settings& settings, std::int64_t descriptor_limit,
                       const base::Log& log) {
  const NginxPlan plan = PlanNginx(settings, UsableCores(), descriptor_limit);
  if (plan.clients < settings.max_clients) {
    log.Warn("fewer_clients", {{"descriptors", descriptor_limit},
                               {"max_clients", settings.max_clients},
                               {"carried", plan.clients}});
  }
  std::ifstream somaxconn("/proc/sys/net/core/somaxconn");
  if (int backlog = 0; somaxconn >> backlog && backlog < 4096) {
    log.Warn("short_listen_queue", {{"net.core.somaxconn", backlog}, {"better", 4096}});
  }
}

// Seeds the demo, or says where to go from here.
Status AfterReady(Supervisor& supervisor, const RunOptions& options, const ProcessSpec& demo,
                  const Settings& settings) {
  if (options.demo && !options.background) return supervisor.RunOnce(demo);
  std::cout << "latchkey is ready at " + settings.public_url + "\n" << std::flush;
  return {};
}

Status Supervise(Prepared prepared, const RunOptions& options, const Context& context,
                 Background* background) {
  const base::Log log("run");
  const Settings settings = prepared.settings;
  const ProcessSpec demo = DemoSpec(prepared, context);
  const base::UniqueFd lock = std::move(prepared.lock);  // let go after all else is gone
  if (Status status = WriteLockPid(lock); !status.ok()) return status;
  WarnOfSmallLimits(settings, prepared.descriptor_limit, log);
  const std::string pid_path = settings.RunPath("run.pid");
  if (Status status = WriteRunFile(pid_path, std::to_string(getpid()) + "\n"); !status.ok()) {
    return status;
  }
  auto supervisor = Supervisor::Create(SupervisorOptions(std::move(prepared), context), log);
  if (!supervisor.ok()) return supervisor.error();
  Status status = (*supervisor)->Start();
  if (status.ok()) status = AfterReady(**supervisor, options, demo, settings);
  if (status.ok()) {
    if (background != nullptr) background->SayReady();
    (*supervisor)->Run();
  }
  (*supervisor)->Stop();
  log.Info("stopped");
  ::unlink(pid_path.c_str());
  return status;
}

// The parent of a server in the background: waits, then shows the demo on the terminal.
Status AwaitBackground(Background& background, const RunOptions& options, const ProcessSpec& demo,
                       const Settings& settings) {
  if (Status status = background.AwaitReady(); !status.ok()) return status;
  if (!options.demo) {
    std::cout << "latchkey is ready at " + settings.public_url + "\n" << std::flush;
    return {};
  }
  const auto pid = Spawn(demo);
  int wait_status = 0;
  if (pid.ok()) ::waitpid(*pid, &wait_status, 0);
  if (pid.ok() && wait_status == 0) return {};
  background.StopChild();
  return pid.ok() ? Status(Code::kInternal, "the demo could not be prepared; stopped again")
                  : pid.error();
}

Status RunInBackground(Prepared prepared, const RunOptions& options, const Context& context) {
  const Settings settings = prepared.settings;
  auto background = Background::Detach(settings.data_dir + "/log/latchkey.log");
  if (!background.ok()) return background.error();
  if (background->side() == Background::Side::kChild) {
    return Supervise(std::move(prepared), options, context, &*background);
  }
  const ProcessSpec demo = DemoSpec(prepared, context);
  prepared = {};  // the child has its own copies of every socket
  return AwaitBackground(*background, options, demo, settings);
}

Status RunServer(const RunOptions& options, const Context& context) {
  auto settings = context.LoadSettings();
  if (!settings.ok()) return settings.error();
  Prepared prepared;
  prepared.settings = std::move(*settings);
  if (Status status = PrepareInOrder(options, &prepared); !status.ok()) return WithAdvice(status);
  const Status written = WriteNginxConfiguration(prepared.settings, prepared.descriptor_limit,
                                                 AddressesOf(prepared.tcp));
  if (!written.ok()) return WithAdvice(written);
  RotateByRename(AccessLogPath(prepared.settings), kMostLogBytes);
  if (options.background) return RunInBackground(std::move(prepared), options, context);
  return WithAdvice(Supervise(std::move(prepared), options, context, nullptr));
}

}  // namespace

void RegisterRun(CLI::App& app, Context& context) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* run = app.add_subcommand("run", "Start everything: writer, workers and nginx");
  run->add_flag(
      "--demo", options->demo,
      "seed an organization, a service and users on first start, and show how to use them");
  run->add_flag("--background", options->background,
                "return when it answers; its log is DATA/log/latchkey.log");
  run->footer(
      "SIGTERM or Ctrl-C stops all of it; SIGHUP reloads configuration and programs; SIGUSR1 "
      "restarts the writer alone.\n\nExamples:\n  latchkey run --demo\n"
      "  LATCHKEY_PORT=9000 LATCHKEY_PUBLIC_URL=http://127.0.0.1:9000 latchkey run --data "
      "/srv/sso");
  run->callback([options, &context] { context.Finish(RunServer(*options, context)); });
}

}  // namespace ctl
