// `latchkey run`: prepares, then lets the supervisor run, here or in the background.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <utility>

#include "base/log.h"
#include "ctl/commands.h"
#include "ctl/run/run_plan.h"
#include "ctl/run/run_prepare.h"
#include "supervisor/background.h"
#include "supervisor/run_files.h"
#include "supervisor/supervisor.h"

namespace ctl {

namespace {

using base::Code;
using base::Settings;
using base::Status;
using supervisor::Background;
using supervisor::ProcessSpec;
using supervisor::Supervisor;

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
  if (Status status = supervisor::WriteLockPid(lock); !status.ok()) return status;
  WarnOfOddities(settings, prepared.descriptor_limit, log);
  const auto pid_file =
      supervisor::RunFile::Write(PidPath(settings), std::to_string(getpid()) + "\n");
  if (!pid_file.ok()) return pid_file.error();
  const auto url_file =
      supervisor::RunFile::Write(ServedUrlPath(settings), settings.public_url + "\n");
  if (!url_file.ok()) return url_file.error();
  auto server = Supervisor::Create(SupervisorOptions(std::move(prepared), context), log);
  if (!server.ok()) return server.error();
  Status status = (*server)->Start();
  if (status.ok()) status = AfterReady(**server, options, demo, settings);
  if (status.ok()) {
    if (background != nullptr) background->SayReady();
    (*server)->Run();
  }
  // Ctrl-C while it starts or the demo is made: it did what it was told.
  if ((*server)->told_to_stop() && status.code() == Code::kUnavailable) status = {};
  (*server)->Stop();
  log.Info("stopped");
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
  const auto pid = supervisor::Spawn(demo);
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

// On the terminal, whoever reads the log (WarnOfOddities says it there).
void WarnOfRoot(const Settings& settings) {
  if (geteuid() != 0) return;
  std::cerr
      << "latchkey: warning: writer, workers and nginx with its workers run as root, because " +
             settings.data_dir +
             " is root's. Give it to a user of its own: `latchkey stop`, then `chown -R USER " +
             settings.data_dir + "`; a low port is still opened as root.\n";
}

Status RunServer(const RunOptions& options, const Context& context) {
  auto settings = context.LoadSettings();
  if (!settings.ok()) return settings.error();
  auto prepared = Prepare(std::move(*settings), options);
  if (!prepared.ok()) return prepared.error();
  WarnOfRoot(prepared->settings);
  if (options.background) return RunInBackground(std::move(*prepared), options, context);
  return supervisor::WithAdvice(Supervise(std::move(*prepared), options, context, nullptr));
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
      "  LATCHKEY_PORT=9000 latchkey run --data /srv/sso");
  run->callback([options, &context] { context.Finish(RunServer(*options, context)); });
}

}  // namespace ctl
