// `latchkey stop`: ends what `latchkey run` started on the same data, and returns when all of it is
// gone.
#include <poll.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <iostream>

#include "base/os/unique_fd.h"
#include "ctl/admin/admin.h"
#include "ctl/commands.h"
#include "ctl/files/file.h"
#include "ctl/files/run_environment.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

constexpr int kLongestStopMs = 60'000;

base::Result<pid_t> RunningPid(const std::string& data_dir) {
  const std::string text = "nothing runs on " + data_dir;
  const base::UniqueFd lock(::open(LockPath(data_dir).c_str(), O_RDWR | O_CLOEXEC));
  if (!lock.valid() && errno != ENOENT)
    return base::ErrnoStatus("open " + LockPath(data_dir), errno);
  if (!lock.valid() || ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) {
    return Status(Code::kNotFound, text);
  }
  const auto content = ReadWholeFile(LockPath(data_dir));
  if (!content.ok()) return content.error();
  pid_t pid = 0;
  std::from_chars(content->data(), content->data() + content->size(), pid);
  if (pid > 0) return pid;
  return Status(Code::kUnavailable, "it is starting just now: try again");
}

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
  const auto pid = RunningPid(settings.ok() ? settings->data_dir : context.DataDirWithoutFile());
  if (!pid.ok() && pid.error().code() == Code::kNotFound) {
    if (settings.ok() && WriterIsRunning(*settings)) {
      return {Code::kConflict, "no `latchkey run` serves " + settings->data_dir +
                                   ", and yet a writer does: stop it with what started it "
                                   "(systemd: `systemctl stop latchkey.target`)"};
    }
    std::cout << pid.error().message() + "\n";
    return {};
  }
  if (!pid.ok()) return WithAdvice(pid.error());
  if (Status status = StopAndWait(*pid); !status.ok()) return WithAdvice(status);
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
