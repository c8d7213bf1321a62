// No process of ours leaves its memory behind when it crashes: keys, passwords and tokens are in it.
#pragma once

namespace base {

// To be called first in main(); children inherit it, also through exec. Both limits of a core's size become 0, which
// stops the kernel from writing a file; and nothing of the memory is put into what goes to a program all the same
// (/proc/sys/kernel/core_pattern that begins with |: the limit does not hold there). Memory still shows in /proc to its
// own user, as `latchkey status` and `top` read it: PR_SET_DUMPABLE would hide it. What fails is passed over: a process
// without /proc serves all the same.
void ForbidCores();

}  // namespace base
