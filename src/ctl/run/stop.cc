// `latchkey stop`: ends what `latchkey run` started on the same data, and returns when all of it is
// gone.
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <iostream>

#include "base/os/owner.h"
#include "base/os/unique_fd.h"
#include "ctl/admin/admin.h"
#include "ctl/commands.h"
#include "supervisor/environment.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

constexpr int kLongestStopMs = 60'000;

// The descriptor stands for this very process, even should its number be given to another.
Status StopAndWait(pid_t pid) {
  const base::UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process.valid()) return errno == ESRCH ? Status() : base::ErrnoStatus("pidfd_open", errno);
  if (syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0) != 0 && errno != ESRCH) {
    return base::ErrnoStatus("stop process " + std::to_string(pid), errno);
  }
  pollfd polled{.fd = process.get(), .events = POLLIN, .revents = 0};
  if (poll(&polled, 1, kLongestStopMs) == 1) return {};
  return {Code::kUnavailable, "process " + std::to_string(pid) + " did not stop within a minute"};
}

Status StopServer(const Context& context) {
  // Settings that went wrong meanwhile must not keep anybody from stopping.
  const auto settings = context.LoadSettings();
  const std::string data_dir = settings.ok() ? settings->data_dir : context.DataDirWithoutFile();
  if (Status status = base::BecomeOwner(data_dir);
      !status.ok() && status.code() != Code::kNotFound) {
    return status;
  }
  const auto pid = supervisor::RunningPid(data_dir);
  if (!pid.ok() && pid.error().code() == Code::kNotFound) {
    if (settings.ok() && WriterIsRunning(*settings)) {
      return {Code::kConflict, "no `latchkey run` serves " + settings->data_dir +
                                   ", and yet a writer does: stop it with what started it "
                                   "(systemd: `systemctl stop latchkey.target`)"};
    }
    std::cout << pid.error().message() + "\n";
    return {};
  }
  if (!pid.ok()) return supervisor::WithAdvice(pid.error());
  if (Status status = StopAndWait(*pid); !status.ok()) return supervisor::WithAdvice(status);
  std::cout << "stopped\n";
  return {};
}

}  // namespace

void RegisterStop(CLI::App& app, Context& context) {
  CLI::App* stop = app.add_subcommand("stop", "Stop what `latchkey run` started on this data");
  stop->footer("Example:\n  latchkey stop --data /srv/sso");
  stop->callback([&context] { context.Finish(StopServer(context)); });
}

}  // namespace ctl
