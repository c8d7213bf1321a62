#include "supervisor/background.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace supervisor {

namespace {

constexpr off_t kTailBytes = 4096;
constexpr int kTailLines = 8;

base::Status WriteLogTo(const std::string& path) {
  const base::UniqueFd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!log.valid()) return base::ErrnoStatus("open " + path, errno);
  const base::UniqueFd nowhere(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nowhere.valid() || dup2(nowhere.get(), STDIN_FILENO) < 0 ||
      dup2(log.get(), STDOUT_FILENO) < 0 || dup2(log.get(), STDERR_FILENO) < 0) {
    return base::ErrnoStatus("redirect to " + path, errno);
  }
  return {};
}

// Of what was written behind `begin`, the rest being of former runs.
std::string LastLines(const std::string& path, off_t begin_of_run) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return "";
  const off_t size = lseek(fd.get(), 0, SEEK_END);
  std::array<char, kTailBytes> buffer{};
  const ssize_t got =
      pread(fd.get(), buffer.data(), buffer.size(), std::max(begin_of_run, size - kTailBytes));
  std::string text(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  std::size_t begin = text.size();
  for (int lines = 0; lines <= kTailLines && begin != std::string::npos && begin > 0; ++lines) {
    begin = text.rfind('\n', begin - 1);
  }
  return begin == std::string::npos || begin == 0 ? text : text.substr(begin + 1);
}

}  // namespace

base::Result<Background> Background::Detach(const std::string& log_path) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return base::ErrnoStatus("pipe", errno);
  base::UniqueFd reading(ends[0]);
  base::UniqueFd writing(ends[1]);
  Background background;
  background.log_path_ = log_path;
  struct stat log {};
  background.log_begin_ = ::stat(log_path.c_str(), &log) == 0 ? log.st_size : 0;
  background.child_ = fork();
  if (background.child_ < 0) return base::ErrnoStatus("fork", errno);
  if (background.child_ > 0) {
    background.pipe_ = std::move(reading);
    return background;
  }
  background.side_ = Side::kChild;
  background.pipe_ = std::move(writing);
  setsid();
  if (base::Status status = WriteLogTo(log_path); !status.ok()) return status;
  return background;
}

void Background::SayReady() {
  [[maybe_unused]] const ssize_t written = ::write(pipe_.get(), "r", 1);
  pipe_.Reset();
}

base::Status Background::AwaitReady() {
  char word = 0;
  ssize_t got = 0;
  do {
    got = ::read(pipe_.get(), &word, 1);
  } while (got < 0 && errno == EINTR);
  if (got == 1) return {};
  waitpid(child_, nullptr, 0);
  return {base::Code::kInternal,
          "it did not start; the end of " + log_path_ + ":\n" + LastLines(log_path_, log_begin_)};
}

void Background::StopChild() {
  ::kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
}

}  // namespace supervisor
