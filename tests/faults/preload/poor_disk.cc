// For LD_PRELOAD into a writer: a poor disk, and a record of what it was given (disk_log.h).
//
//   LATCHKEY_SLOW_FSYNC_MS=N       each fsync takes N ms longer, as on a disk that has to turn
//                                  (loadtest/small)
//   LATCHKEY_FAILING_FSYNC=FILE    each fsync fails with EIO while FILE exists
//                                  (tests/writer/process_test.cc)
//   LATCHKEY_LYING_FSYNC=1         each fsync says that all is well and does nothing
//   LATCHKEY_FAILING_WRITE=FILE    each write to the database or its log fails while FILE exists,
//                                  with the error it names: EIO, EROFS or ENOSPC
//   LATCHKEY_DISK_LOG=FILE         what was written and made durable in which order (FILE.PID)
//
// "fsync" is fdatasync as well.
#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "disk_log.h"

namespace {

using disk_log::Event;

template <class Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

void WaitLonger() {
  const char* text = std::getenv("LATCHKEY_SLOW_FSYNC_MS");
  const long millis = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  timespec left{.tv_sec = millis / 1000, .tv_nsec = millis % 1000 * 1000000};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

bool SyncFails() {
  const char* path = std::getenv("LATCHKEY_FAILING_FSYNC");
  return path != nullptr && ::access(path, F_OK) == 0;
}

// 0: it does not fail.
int WriteError(int fd) {
  const char* path = std::getenv("LATCHKEY_FAILING_WRITE");
  if (path == nullptr || ::access(path, F_OK) != 0 || !disk_log::FileOf(fd)) return 0;
  std::array<char, 16> word{};
  if (std::FILE* file = std::fopen(path, "re"); file != nullptr) {
    if (std::fscanf(file, "%15s", word.data()) != 1) word[0] = '\0';
    std::fclose(file);
  }
  if (std::strcmp(word.data(), "ENOSPC") == 0) return ENOSPC;
  return std::strcmp(word.data(), "EROFS") == 0 ? EROFS : EIO;
}

int SyncPoorly(const char* name, int fd) {
  WaitLonger();  // before: errno is the real call's
  if (SyncFails()) {
    errno = EIO;
    return -1;
  }
  if (std::getenv("LATCHKEY_LYING_FSYNC") != nullptr) {
    disk_log::NoteSync(Event::kLie, fd);
    return 0;
  }
  const int result = Next<int(int)>(name)(fd);
  if (result == 0) disk_log::NoteSync(Event::kSync, fd);
  return result;
}

ssize_t WritePoorly(const char* name, int fd, const void* bytes, size_t size, off64_t offset) {
  if (const int error = WriteError(fd); error != 0) {
    errno = error;
    return -1;
  }
  disk_log::NoteWrite(fd, bytes, size, offset);
  return Next<ssize_t(int, const void*, size_t, off64_t)>(name)(fd, bytes, size, offset);
}

int TruncatePoorly(const char* name, int fd, off64_t size) {
  disk_log::NoteTruncate(fd, size);
  return Next<int(int, off64_t)>(name)(fd, size);
}

}  // namespace

extern "C" {

int fsync(int fd) { return SyncPoorly("fsync", fd); }
int fdatasync(int fd) { return SyncPoorly("fdatasync", fd); }

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return WritePoorly("pwrite", fd, bytes, size, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return WritePoorly("pwrite64", fd, bytes, size, offset);
}

int ftruncate(int fd, off_t size) noexcept { return TruncatePoorly("ftruncate", fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return TruncatePoorly("ftruncate64", fd, size); }

int unlink(const char* path) noexcept {
  disk_log::NoteUnlink(path);
  return Next<int(const char*)>("unlink")(path);
}

// The writer's answers: what a client is told from then on.
ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  disk_log::NoteFrame(bytes, size);
  return Next<ssize_t(int, const void*, size_t, int)>("send")(fd, bytes, size, flags);
}

}  // extern "C"
