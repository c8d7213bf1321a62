#include "ctl/run/run_plan.h"

#include <memory>
#include <utility>

#include "ctl/run/nginx_config.h"
#include "shm/writer_page.h"
#include "supervisor/plan.h"
#include "supervisor/run_files.h"

namespace ctl {

namespace {

using base::Code;
using base::Settings;
using base::Status;
using supervisor::Supervisor;

// What SIGHUP takes up; what needs sockets anew or another folder does not change without a start.
std::function<Status()> ReloadOf(const Prepared& prepared, const Context& context) {
  return [&context, settings = prepared.settings, limit = prepared.descriptor_limit,
          workers =
              NginxWorkers(prepared.settings, supervisor::UsableCores(), prepared.descriptor_limit),
          listen = AddressesOf(prepared.tcp)]() -> Status {
    auto fresh = context.LoadSettings();
    if (!fresh.ok()) return fresh.error();
    if (fresh->api_children != settings.api_children || fresh->port != settings.port ||
        fresh->listen_address != settings.listen_address) {
      return {Code::kInvalid, "api_children, port and listen_address change by a new start only"};
    }
    // Of the cores that there were at the start, whatever the machine has now.
    if (NginxWorkers(*fresh, workers, limit) != workers) {
      return {Code::kInvalid,
              "nginx would have another number of workers ([nginx] workers, or a max_clients that "
              "needs more of them): that changes by a new start only"};
    }
    fresh->nginx_workers = workers;
    fresh->data_dir = settings.data_dir;
    fresh->run_dir = settings.run_dir;
    return WriteNginxConfiguration(*fresh, limit, listen);
  };
}

std::function<bool(pid_t)> WriterServing(const std::string& page_path) {
  auto page = std::make_shared<shm::WriterPage>(shm::WriterPage::OpenForReading(page_path));
  return [page](pid_t pid) {
    page->MapIfMissing();
    const shm::WriterState state = page->state();
    return page->Get(shm::WriterGauge::kPid) == static_cast<std::uint64_t>(pid) &&
           state != shm::WriterState::kDown && state != shm::WriterState::kRestarting;
  };
}

std::function<bool()> LogKeeper(const Settings& settings) {
  return [nginx = NginxLogPaths(settings), own = settings.data_dir + "/log/latchkey.log"] {
    supervisor::RotateByCopy(own, supervisor::kMostLogBytes);
    bool is_reopen_due = false;
    for (const std::string& path : nginx)
      is_reopen_due |= supervisor::RotateByRename(path, supervisor::kMostLogBytes);
    return is_reopen_due;
  };
}

}  // namespace

supervisor::Supervisor::Options SupervisorOptions(Prepared prepared, const Context& context) {
  const std::string config_path = context.ConfigPath();
  const Settings& settings = prepared.settings;
  Supervisor::Options options;
  options.processes = supervisor::PlanProcesses({.programs = prepared.programs,
                                                 .settings = settings,
                                                 .config_path = config_path,
                                                 .nginx_file = NginxMainFile(settings),
                                                 .tcp = prepared.tcp,
                                                 .sockets = prepared.sockets});
  options.settings = settings;
  options.is_writer_serving = WriterServing(settings.RunPath("writer.page"));
  options.prepare_reload = ReloadOf(prepared, context);
  options.keep_logs = LogKeeper(settings);
  options.tcp = std::move(prepared.tcp);
  options.sockets = std::move(prepared.sockets);
  return options;
}

supervisor::ProcessSpec DemoSpec(const Prepared& prepared, const Context& context) {
  return {.name = "demo",
          .arguments = supervisor::WithSettings({prepared.programs.latchkey, "demo"},
                                                prepared.settings, context.ConfigPath()),
          .sockets = {}};
}

}  // namespace ctl
