#include "base/os/no_core.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/os/unique_fd.h"

namespace base {

void ForbidCores() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const UniqueFd filter(::open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC));
  if (!filter.valid()) return;
  [[maybe_unused]] const ssize_t written = ::write(filter.get(), "0", 1);
}

}  // namespace base
