// A limit of the file size (ulimit -f) is a full disk to us: something that a write reports.
#pragma once

namespace base {

// To be called first in main(). Beyond the limit a write then fails, with EFBIG, instead of ending the process by
// SIGXFSZ: each write says what it could not write. Inherited by programs that are started.
void FailWritesBeyondTheFileSizeLimit();

}  // namespace base
