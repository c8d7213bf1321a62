// For LD_PRELOAD: a machine whose clock was set wrong.
//
//   LATCHKEY_CLOCK_OFFSET=FILE   so many seconds, as FILE says at the moment, are added to the time of
//                                day (tests/faults/clock.py); without FILE none
//
// Of CLOCK_REALTIME, gettimeofday() and time(); what counts from the boot goes on as it was, as in the
// kernel.
#include <dlfcn.h>
#include <sys/time.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

long Offset() {
  const int former = errno;
  long seconds = 0;
  const char* path = std::getenv("LATCHKEY_CLOCK_OFFSET");
  if (std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "re"); file != nullptr) {
    if (std::fscanf(file, "%ld", &seconds) != 1) seconds = 0;
    std::fclose(file);
  }
  errno = former;
  return seconds;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t id, timespec* out) noexcept {
  using Function = int(clockid_t, timespec*);
  static auto* const next = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, "clock_gettime"));
  const int result = next(id, out);
  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) out->tv_sec += Offset();
  return result;
}

int gettimeofday(timeval* out, void*) noexcept {
  timespec now{};
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  *out = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return result;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
