#include "supervisor/reason.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "base/clock.h"
#include "base/os/unique_fd.h"
#include "base/utf8.h"

namespace supervisor {

namespace {

constexpr base::milliseconds kSecondTry{3000};
constexpr base::milliseconds kStep{10};
constexpr std::size_t kMostWords = 600;

struct LimitRow {
  int resource;
  rlim_t least;
  const char* text;
};
constexpr std::array kLimits{
    LimitRow{RLIMIT_NOFILE, 1024, "open files (ulimit -n)"},
    LimitRow{RLIMIT_NPROC, 64, "processes of the user (ulimit -u)"},
    LimitRow{RLIMIT_FSIZE, rlim_t{1} << 30U, "bytes of a file (ulimit -f)"},
    LimitRow{RLIMIT_AS, rlim_t{2} << 30U, "bytes of address space (ulimit -v)"},
    LimitRow{RLIMIT_DATA, rlim_t{1} << 30U, "bytes of data (ulimit -d)"},
    LimitRow{RLIMIT_STACK, rlim_t{1} << 20U, "bytes of stack (ulimit -s)"},
    LimitRow{RLIMIT_CPU, 3600, "seconds of CPU time (ulimit -t)"},
};

// Its last line that says something.
std::string LastWords(int fd) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  std::string text(kMostWords, '\0');
  const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(kMostWords));
  const ssize_t got = ::pread(fd, text.data(), text.size(), begin);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  text.resize(text.find_last_not_of(" \n") + 1);  // npos + 1 is nothing
  return base::Printable(text.substr(text.rfind('\n') + 1));
}

// false: it runs on.
bool HasEnded(pid_t pid, int* wait_status) {
  const std::int64_t deadline =
      base::MonotonicMicros() + std::chrono::microseconds(kSecondTry).count();
  while (base::MonotonicMicros() < deadline) {
    if (::waitpid(pid, wait_status, WNOHANG) == pid) return true;
    std::this_thread::sleep_for(kStep);
  }
  return false;
}

}  // namespace

std::string HowItEnded(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return "exit code " + std::to_string(WEXITSTATUS(wait_status));
  const int number = WTERMSIG(wait_status);
  return "killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
}

std::string LowLimits() {
  std::string text;
  for (const LimitRow& row : kLimits) {
    rlimit limit{};
    if (::getrlimit(static_cast<__rlimit_resource_t>(row.resource), &limit) != 0) continue;
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= row.least) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(limit.rlim_cur) + " " + row.text;
  }
  return text.empty() ? text : "this shell allows only " + text;
}

std::string ReasonOf(ProcessSpec spec) {
  const base::UniqueFd words(::memfd_create("reason", MFD_CLOEXEC));
  if (!words.valid()) return base::ErrnoStatus("keep its words", errno).message();
  spec.standard_error = words.get();
  const auto pid = Spawn(spec);
  if (!pid.ok()) return pid.error().message();
  int wait_status = 0;
  const bool ended = HasEnded(*pid, &wait_status);
  ::kill(-*pid, SIGKILL);  // its children as well
  if (!ended) ::waitpid(*pid, nullptr, 0);
  std::string reason = LastWords(words.get());
  if (reason.empty()) {
    reason = ended ? "it says nothing (a second try: " + HowItEnded(wait_status) + ")"
                   : "a second try went on running";
  }
  const std::string limits = LowLimits();
  return limits.empty() ? reason : reason + "; " + limits;
}

}  // namespace supervisor
