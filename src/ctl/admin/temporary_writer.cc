#include "ctl/admin/temporary_writer.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "base/clock.h"
#include "base/os/file.h"
#include "base/os/unix_socket.h"
#include "crypto/crypto.h"
#include "ctl/print/text.h"
#include "supervisor/environment.h"
#include "supervisor/spawn.h"
#include "wire/client.h"

namespace ctl {

namespace {

using base::Code;
using base::milliseconds;
using base::Result;
using base::Status;
using base::UniqueFd;

constexpr milliseconds kStartTimeout{15'000};
constexpr milliseconds kStopTimeout{10'000};
constexpr milliseconds kProbeTimeout{500};
constexpr milliseconds kStep{10};

milliseconds Now() { return base::SystemClock().SinceBoot(); }

// While it lives, standard error is the file: a child started now writes its log there.
class StandardErrorTo {
 public:
  explicit StandardErrorTo(const std::string& path)
      : former_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    const UniqueFd file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    if (file.valid() && former_.valid()) ::dup2(file.get(), STDERR_FILENO);
  }
  StandardErrorTo(const StandardErrorTo&) = delete;
  StandardErrorTo& operator=(const StandardErrorTo&) = delete;
  ~StandardErrorTo() {
    if (former_.valid()) ::dup2(former_.get(), STDERR_FILENO);
  }

 private:
  UniqueFd former_;
};

std::string LastLineOf(const std::string& path) {
  const auto content = base::ReadWholeFile(path);
  const auto lines = content.ok() ? SplitLines(*content) : std::vector<std::string>();
  return lines.empty() ? "it wrote no line" : Printable(lines.back());
}

// True where the process has ended (and was waited for).
bool HasEnded(pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) == pid; }

records::Write Probe() {
  crypto::SystemRandom random;
  const base::Time now = base::SystemClock().Now();
  return records::Probe{.record_id = {crypto::NewUuidV7(now, random)}, .probed_at = now};
}

std::vector<std::string> ArgumentsOf(const std::string& path, const base::Settings& settings,
                                     const std::string& config_path) {
  std::vector<std::string> arguments{path, "--data", settings.data_dir};
  if (!config_path.empty()) arguments.insert(arguments.end(), {"--config", config_path});
  return arguments;
}

}  // namespace

Result<TemporaryWriter> TemporaryWriter::Start(const base::Settings& settings,
                                               const std::string& config_path) {
  const auto path = supervisor::FindOwnProgram("latchkey-writer");
  if (!path.ok()) return path.error();
  // In the data folder: that of an installed server's sockets is root's.
  const std::string socket_path = settings.data_dir + "/init.sock";
  auto socket = base::ListenUnix(socket_path, base::SocketKind::kSeqPacket, 0600, 16);
  if (!socket.ok()) return socket.error();
  const std::string log_path = settings.data_dir + "/log/init.log";
  const auto pid = [&] {
    const StandardErrorTo log(log_path);
    return supervisor::Spawn({.name = "writer",
                              .arguments = ArgumentsOf(*path, settings, config_path),
                              .sockets = {{"writer", socket->get()}}});
  }();
  if (!pid.ok()) return pid.error();
  TemporaryWriter writer(socket_path, std::move(*socket), *pid);
  if (Status status = writer.WaitUntilReady(log_path); !status.ok()) return status;
  return writer;
}

Status TemporaryWriter::WaitUntilReady(const std::string& log_path) {
  const records::Write probe = Probe();
  for (const auto deadline = Now() + kStartTimeout; Now() < deadline;) {
    const auto result = wire::Call(socket_path_, probe, kProbeTimeout);
    if (result.ok() && result->code == Code::kOk) return {};
    if (HasEnded(pid_)) {
      pid_ = -1;
      return {Code::kUnavailable, "the writer ended at its start: " + LastLineOf(log_path)};
    }
    std::this_thread::sleep_for(kStep);
  }
  return {Code::kUnavailable, "the writer did not get ready in time: " + LastLineOf(log_path)};
}

TemporaryWriter::TemporaryWriter(TemporaryWriter&& other) noexcept
    : socket_path_(std::move(other.socket_path_)),
      socket_(std::move(other.socket_)),
      pid_(std::exchange(other.pid_, -1)) {
  other.socket_path_.clear();
}

TemporaryWriter::~TemporaryWriter() {
  if (!socket_path_.empty()) ::unlink(socket_path_.c_str());
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  for (const auto deadline = Now() + kStopTimeout; Now() < deadline;) {
    if (HasEnded(pid_)) return;
    std::this_thread::sleep_for(kStep);
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace ctl
