#include "disk_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

namespace disk_log {

namespace {

struct Header {
  Event kind;
  File file;
  std::uint16_t zero = 0;
  std::uint32_t size = 0;
  std::int64_t offset = 0;
  std::int64_t micros = 0;
};
static_assert(sizeof(Header) == 24);

int LogFd() {
  static const int fd = [] {
    const char* path = std::getenv("LATCHKEY_DISK_LOG");
    if (path == nullptr) return -1;
    const std::string own = std::string(path) + '.' + std::to_string(::getpid());
    return ::open(own.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }();
  return fd;
}

std::int64_t Micros() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

std::string PathOf(int fd) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

std::optional<File> FileAt(std::string_view path) {
  if (path.ends_with("/latchkey.db")) return File::kDatabase;
  if (path.ends_with("/latchkey.db-wal")) return File::kLog;
  if (path.ends_with("/latchkey.db-journal")) return File::kJournal;
  struct stat database {};
  const bool is_folder = ::stat((std::string(path) + "/latchkey.db").c_str(), &database) == 0;
  return is_folder ? std::optional(File::kFolder) : std::nullopt;
}

void Append(Header header, const void* bytes) {
  const int former = errno;
  header.micros = Micros();
  const std::array<iovec, 2> parts{iovec{&header, sizeof header},
                                   iovec{const_cast<void*>(bytes), header.size}};
  // A record with a hole in it would prove nothing. SIGKILL alone leaves a part of an event.
  const auto wanted = static_cast<ssize_t>(sizeof header + header.size);
  if (::writev(LogFd(), parts.data(), static_cast<int>(parts.size())) != wanted) ::abort();
  errno = former;
}

void Note(Event kind, std::optional<File> file, std::int64_t offset) {
  if (file) Append({.kind = kind, .file = *file, .offset = offset}, nullptr);
}

// results := 0x03 count:u16 (correlation:u64 code:u8 id:16 bytes count:i64){count}
std::int64_t CountOk(std::string_view frame) {
  constexpr std::size_t kHead = 3;
  constexpr std::size_t kEntry = 8 + 1 + 16 + 8;
  std::int64_t ok = 0;
  for (std::size_t at = kHead; at + kEntry <= frame.size(); at += kEntry) ok += frame[at + 8] == 0;
  return ok;
}

}  // namespace

std::optional<File> FileOf(int fd) {
  const int former = errno;
  const std::optional<File> file = FileAt(PathOf(fd));
  errno = former;
  return file;
}

void NoteWrite(int fd, const void* bytes, std::size_t size, off64_t offset) {
  if (LogFd() < 0) return;
  const std::optional<File> file = FileOf(fd);
  if (!file) return;
  Append({.kind = Event::kWrite,
          .file = *file,
          .size = static_cast<std::uint32_t>(size),
          .offset = offset},
         bytes);
}

void NoteTruncate(int fd, off64_t size) {
  if (LogFd() >= 0) Note(Event::kTruncate, FileOf(fd), size);
}

void NoteSync(Event kind, int fd) {
  if (LogFd() >= 0) Note(kind, FileOf(fd), 0);
}

void NoteUnlink(const char* path) {
  if (LogFd() >= 0) Note(Event::kUnlink, FileAt(path), 0);
}

void NoteFrame(const void* bytes, std::size_t size) {
  const std::string_view frame(static_cast<const char*>(bytes), size);
  if (LogFd() < 0 || frame.empty() || frame.front() != '\x03') return;
  Append({.kind = Event::kAnswers, .file = File::kFolder, .offset = CountOk(frame)}, nullptr);
}

}  // namespace disk_log
