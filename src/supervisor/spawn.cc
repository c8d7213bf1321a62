#include "supervisor/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/os/unique_fd.h"

namespace supervisor {

namespace {

constexpr int kFirstSocket = 3;
constexpr std::string_view kListenPid = "LISTEN_PID=";
constexpr std::size_t kPidDigits = 20;

// Everything the child needs, made before the fork: after it nothing is allocated.
struct Image {
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
  char* listen_pid = nullptr;  // where the child writes its own pid; null: nowhere
  std::vector<int> sockets;
  int death_signal = SIGTERM;
  int standard_error = -1;
  pid_t supervisor = 0;
};

bool IsHandover(std::string_view entry) {
  return entry.starts_with("LISTEN_FDS=") || entry.starts_with("LISTEN_FDNAMES=") ||
         entry.starts_with(kListenPid) || entry.starts_with("NGINX=");
}

std::vector<std::string> InheritedEnvironment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!IsHandover(*entry)) entries.emplace_back(*entry);
  }
  return entries;
}

void AddListenFds(const ProcessSpec& spec, std::vector<std::string>* environment) {
  std::string names;
  for (const NamedSocket& socket : spec.sockets) {
    if (!names.empty()) names.push_back(':');
    names += socket.name;
  }
  environment->push_back("LISTEN_FDS=" + std::to_string(spec.sockets.size()));
  environment->push_back("LISTEN_FDNAMES=" + names);
  environment->push_back(std::string(kListenPid) + std::string(kPidDigits, '\0'));
}

void AddNginxSockets(const ProcessSpec& spec, std::vector<std::string>* environment) {
  std::string value = "NGINX=";
  for (std::size_t i = 0; i < spec.sockets.size(); ++i) {
    value += std::to_string(kFirstSocket + static_cast<int>(i)) + ";";
  }
  environment->push_back(value);
}

Image MakeImage(const ProcessSpec& spec) {
  Image image;
  image.environment = InheritedEnvironment();
  if (spec.handover == SocketHandover::kNginx) {
    AddNginxSockets(spec, &image.environment);
  } else {
    AddListenFds(spec, &image.environment);
  }
  for (const std::string& argument : spec.arguments) {
    image.argv.push_back(const_cast<char*>(argument.c_str()));
  }
  image.argv.push_back(nullptr);
  for (std::string& entry : image.environment) {
    if (entry.starts_with(kListenPid)) image.listen_pid = entry.data() + kListenPid.size();
    image.envp.push_back(entry.data());
  }
  image.envp.push_back(nullptr);
  for (const NamedSocket& socket : spec.sockets) image.sockets.push_back(socket.fd);
  image.death_signal = spec.death_signal;
  image.standard_error = spec.standard_error;
  image.supervisor = getpid();
  return image;
}

// First out of the way of the target numbers, then each to its own.
bool PlaceSockets(std::vector<int>* sockets) {
  const int clear_of_targets = kFirstSocket + static_cast<int>(sockets->size());
  for (int& fd : *sockets) {
    fd = fcntl(fd, F_DUPFD_CLOEXEC, clear_of_targets);
    if (fd < 0) return false;
  }
  for (std::size_t i = 0; i < sockets->size(); ++i) {
    if (dup2((*sockets)[i], kFirstSocket + static_cast<int>(i)) < 0) return false;
  }
  return true;
}

void ResetSignals() {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD, SIGPIPE}) {
    std::signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// What the supervisor itself inherited (a shell's or a service manager's descriptors) is none of
// the child's business.
bool KeepOnly(int descriptors) {
  return close_range(static_cast<unsigned>(descriptors), ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

bool StandardInputFromNowhere() {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO;
}

// In the child. Returns only where something failed, errno says what.
void BecomeChild(Image* image, int* error_pipe) {
  setpgid(0, 0);
  if (prctl(PR_SET_PDEATHSIG, image->death_signal) != 0) return;
  if (getppid() != image->supervisor) _exit(EXIT_FAILURE);  // it died before the line above
  // The pipe may have one of the numbers the sockets must have.
  *error_pipe = fcntl(*error_pipe, F_DUPFD_CLOEXEC,
                      kFirstSocket + 2 * static_cast<int>(image->sockets.size()));
  const bool has_own_error = image->standard_error >= 0;
  if (has_own_error && dup2(image->standard_error, STDERR_FILENO) < 0) return;
  if (!StandardInputFromNowhere() || !PlaceSockets(&image->sockets)) return;
  if (!KeepOnly(kFirstSocket + static_cast<int>(image->sockets.size()))) return;
  if (image->listen_pid != nullptr) {
    std::to_chars(image->listen_pid, image->listen_pid + kPidDigits, getpid());
  }
  ResetSignals();
  execve(image->argv[0], image->argv.data(), image->envp.data());
}

[[noreturn]] void ChildMain(Image* image, int error_pipe) {
  BecomeChild(image, &error_pipe);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(error_pipe, &error, sizeof error);
  _exit(EXIT_FAILURE);
}

// 0: the exec has worked and closed the pipe.
int AwaitExec(int error_pipe) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(error_pipe, &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  return got == sizeof error ? error : 0;
}

}  // namespace

base::Result<pid_t> Spawn(const ProcessSpec& spec) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return base::ErrnoStatus("pipe", errno);
  const base::UniqueFd reading(ends[0]);
  base::UniqueFd writing(ends[1]);
  Image image = MakeImage(spec);
  const pid_t pid = fork();
  if (pid < 0) return base::ErrnoStatus("fork for " + spec.name, errno);
  if (pid == 0) ChildMain(&image, writing.get());
  writing.Reset();
  setpgid(pid, pid);  // the child does it too: whoever comes first
  const int error = AwaitExec(reading.get());
  if (error == 0) return pid;
  waitpid(pid, nullptr, 0);
  return base::ErrnoStatus("start " + spec.arguments[0], error);
}

}  // namespace supervisor
