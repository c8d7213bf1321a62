// For LD_PRELOAD: every fsync and fdatasync takes LATCHKEY_SLOW_FSYNC_MS longer (20), as on a disk
// that has to turn. loadtest/small loads it into the writer alone.
#include <dlfcn.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace {

void WaitLonger() {
  const char* text = std::getenv("LATCHKEY_SLOW_FSYNC_MS");
  const long millis = text == nullptr ? 20 : std::strtol(text, nullptr, 10);
  timespec left{.tv_sec = millis / 1000, .tv_nsec = millis % 1000 * 1000000};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

int SyncSlowly(const char* name, int fd) {
  using Sync = int (*)(int);
  const auto sync = reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name));
  WaitLonger();  // before: errno is the real call's
  return sync(fd);
}

}  // namespace

extern "C" int fsync(int fd) { return SyncSlowly("fsync", fd); }
extern "C" int fdatasync(int fd) { return SyncSlowly("fdatasync", fd); }
