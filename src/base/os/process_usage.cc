#include "base/os/process_usage.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "base/os/unique_fd.h"

namespace base {

namespace {

std::uint64_t Micros(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(time.tv_usec);
}

// The second number of statm, in pages.
std::uint64_t ResidentBytes() {
  const UniqueFd fd(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  std::array<char, 128> text{};
  const ssize_t size = fd.valid() ? ::read(fd.get(), text.data(), text.size()) : 0;
  if (size <= 0) return 0;
  const char* const end = text.data() + size;
  std::uint64_t pages = 0;
  const auto all = std::from_chars(text.data(), end, pages);
  if (all.ec != std::errc() || all.ptr == end) return 0;
  if (std::from_chars(all.ptr + 1, end, pages).ec != std::errc()) return 0;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

ProcessUsage OwnUsage() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return {.cpu_micros = Micros(usage.ru_utime) + Micros(usage.ru_stime),
          .resident_bytes = ResidentBytes()};
}

}  // namespace base
