#include "supervisor/environment.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/os/file.h"
#include "base/os/owner.h"

namespace supervisor {

namespace {

using base::Code;
using base::ErrnoStatus;
using base::Status;

std::string LockPath(const std::string& data_dir) { return data_dir + "/run.lock"; }

// To look at the lock alone. Not valid: errno.
base::UniqueFd OpenLock(const std::string& data_dir) {
  return base::UniqueFd(
      ::open(LockPath(data_dir).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

// Of the process that holds the lock; nullopt: it has not written it yet.
std::optional<pid_t> PidIn(int lock) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(lock, text.data(), text.size(), 0);
  pid_t pid = 0;
  std::from_chars(text.data(), text.data() + std::max<ssize_t>(size, 0), pid);
  return pid > 1 ? std::optional(pid) : std::nullopt;
}

base::Result<std::filesystem::path> OwnExecutable() {
  std::error_code error;
  auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return ErrnoStatus("read /proc/self/exe", error.value());
  return self;
}

bool IsExecutable(const std::string& path) { return ::access(path.c_str(), X_OK) == 0; }

base::Result<std::string> FindNginx() {
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  folders += ":/usr/local/sbin:/usr/sbin:/sbin";  // not in an ordinary user's PATH
  std::size_t begin = 0;
  while (begin <= folders.size()) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    std::string candidate = folders.substr(begin, end - begin) + "/nginx";
    if (end > begin && IsExecutable(candidate)) return candidate;
    begin = end + 1;
  }
  return Status(Code::kNotFound, "nginx is not installed: apt-get install nginx-light");
}

}  // namespace

Status MakePathsAbsolute(base::Settings* settings) {
  for (std::string* path : {&settings->data_dir, &settings->run_dir}) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(*path, error);
    if (error) return ErrnoStatus("find the current folder", error.value());
    *path = absolute.lexically_normal().string();
    while (path->size() > 1 && path->ends_with('/')) path->pop_back();
  }
  return {};
}

Status MakeDataFolder(const std::string& data_dir) {
  struct stat info {};
  if (::stat(data_dir.c_str(), &info) == 0) return {};
  if (Status status = base::MakeFolder(data_dir); !status.ok()) return status;
  if (geteuid() != 0) return {};
  const auto owner = base::OwnerOf(std::filesystem::path(data_dir).parent_path().string());
  if (!owner.ok()) return owner.error();
  // The very folder, whatever its owner-to-be puts under its name meanwhile.
  const base::UniqueFd folder(
      ::open(data_dir.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat made {};
  const bool is_ours = folder.valid() && ::fstat(folder.get(), &made) == 0 && made.st_uid == 0;
  if (!is_ours) return {Code::kConflict, data_dir + " was replaced while it was made: try again"};
  if (::fchown(folder.get(), owner->uid, owner->gid) == 0) return {};
  return ErrnoStatus("chown " + data_dir, errno);
}

Status MakeRunFolders(const base::Settings& settings) {
  for (const std::string& folder : {settings.run_dir, settings.data_dir + "/log"}) {
    if (Status status = base::MakeFolder(folder); !status.ok()) return status;
  }
  return {};
}

base::Result<base::UniqueFd> LockData(const std::string& data_dir) {
  const std::string path = LockPath(data_dir);
  base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return ErrnoStatus("open " + path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return ErrnoStatus("lock " + path, errno);
  const auto pid = PidIn(fd.get());
  return Status(Code::kExists, "already running on " + data_dir + " (pid " +
                                   (pid ? std::to_string(*pid) : "unknown") +
                                   "): stop it with `latchkey stop --data " + data_dir +
                                   "`, or choose another DATA");
}

bool IsLocked(const std::string& data_dir) {
  const base::UniqueFd fd = OpenLock(data_dir);
  return fd.valid() && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0;
}

base::Result<pid_t> RunningPid(const std::string& data_dir) {
  const base::UniqueFd lock = OpenLock(data_dir);
  if (!lock.valid() && errno != ENOENT) return ErrnoStatus("open " + LockPath(data_dir), errno);
  if (!lock.valid() || ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) {
    return Status(Code::kNotFound, "nothing runs on " + data_dir);
  }
  if (const auto pid = PidIn(lock.get())) return *pid;
  return Status(Code::kUnavailable, "it is starting just now: try again");
}

Status WriteLockPid(const base::UniqueFd& lock) {
  const std::string text = std::to_string(getpid()) + "\n";
  if (::ftruncate(lock.get(), 0) != 0 ||
      ::pwrite(lock.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return ErrnoStatus("write run.lock", errno);
  }
  return {};
}

std::int64_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  constexpr rlim_t kMost = 1'000'000'000;  // RLIM_INFINITY is no number to calculate with
  return static_cast<std::int64_t>(std::min(limit.rlim_cur, kMost));
}

std::int64_t UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

base::Result<std::string> InPrefix(std::string_view inner) {
  const auto self = OwnExecutable();
  if (!self.ok()) return self.error();
  return (self->parent_path().parent_path() / inner).string();
}

base::Result<std::string> FindOwnProgram(const std::string& name) {
  const auto self = OwnExecutable();
  if (!self.ok()) return self.error();
  std::string beside = (self->parent_path() / name).string();
  if (IsExecutable(beside)) return beside;
  auto installed = InPrefix("libexec/latchkey/" + name);
  if (installed.ok() && IsExecutable(*installed)) return installed;
  return Status(Code::kNotFound, beside + " is not there: build or install all of Latchkey");
}

base::Result<Programs> FindPrograms() {
  const auto self = OwnExecutable();
  if (!self.ok()) return self.error();
  Programs programs{.latchkey = self->string(), .of = {}};
  for (std::size_t i = 0; i < base::kProcessCount; ++i) {
    const base::Process& process = base::kProcesses.at(i);
    auto path = process.is_ours() ? FindOwnProgram(std::string(process.program)) : FindNginx();
    if (!path.ok()) return path.error();
    programs.of.at(i) = std::move(*path);
  }
  return programs;
}

Status CheckPrograms(const Programs& programs) {
  std::vector<std::string> paths{programs.latchkey};
  for (std::size_t i = 0; i < base::kProcessCount; ++i) {
    if (base::kProcesses.at(i).is_ours()) paths.push_back(programs.of.at(i));
  }
  for (const std::string& path : paths) {
    if (IsExecutable(path)) continue;
    return {Code::kInvalid, "this runs as " + base::UserName(geteuid()) +
                                ", the owner of the data, who may not start " + path +
                                ": install it where everybody may, or choose another DATA"};
  }
  return {};
}

Status WithAdvice(const Status& status) {
  switch (status.code()) {
    case Code::kFull:
      return {status.code(), status.message() + ": free some room on that disk"};
    case Code::kDenied:
      return {status.code(),
              status.message() + ": run as the owner of the folder, or choose another DATA"};
    case Code::kOk:
    case Code::kInvalid:
    case Code::kNotFound:
    case Code::kExists:
    case Code::kConflict:
    case Code::kExpired:
    case Code::kUnavailable:
    case Code::kCorrupt:
    case Code::kInternal:
      return status;
  }
  return status;
}

}  // namespace supervisor
