// Random bytes of the kernel, for keys of hashes in programs that have no domain::Random. Thread-safe.
#pragma once

#include <cstdint>
#include <span>

namespace base {

// Ends the process, with a line on standard error, if the kernel gives none: a sandbox forbids it, say.
void FillFromKernel(std::span<std::uint8_t> out);

}  // namespace base
