#include "base/os/file_size_limit.h"

#include <signal.h>

namespace base {

void FailWritesBeyondTheFileSizeLimit() { ::signal(SIGXFSZ, SIG_IGN); }

}  // namespace base
