// For LD_PRELOAD into a writer: a disk that is poor at fsync and fdatasync.
//
//   LATCHKEY_SLOW_FSYNC_MS=N       each takes N ms longer, as on a disk that has to turn (loadtest/small)
//   LATCHKEY_FAILING_FSYNC=FILE    each fails with EIO while FILE exists (tests/writer/process_test.cc)
#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace {

void WaitLonger() {
  const char* text = std::getenv("LATCHKEY_SLOW_FSYNC_MS");
  const long millis = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  timespec left{.tv_sec = millis / 1000, .tv_nsec = millis % 1000 * 1000000};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

bool Fails() {
  const char* path = std::getenv("LATCHKEY_FAILING_FSYNC");
  return path != nullptr && ::access(path, F_OK) == 0;
}

int SyncPoorly(const char* name, int fd) {
  using Sync = int (*)(int);
  const auto sync = reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name));
  WaitLonger();  // before: errno is the real call's
  if (!Fails()) return sync(fd);
  errno = EIO;
  return -1;
}

}  // namespace

extern "C" int fsync(int fd) { return SyncPoorly("fsync", fd); }
extern "C" int fdatasync(int fd) { return SyncPoorly("fdatasync", fd); }
