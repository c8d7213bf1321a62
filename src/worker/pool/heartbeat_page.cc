#include "worker/pool/heartbeat_page.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace worker {

namespace {

constexpr std::size_t kBytes = HeartbeatPage::kSlots * sizeof(std::uint64_t);

}  // namespace

base::Result<HeartbeatPage> HeartbeatPage::Create() {
  base::UniqueFd fd(memfd_create("latchkey-heartbeats", MFD_CLOEXEC));
  if (!fd.valid()) return base::ErrnoStatus("memfd_create", errno);
  if (ftruncate(fd.get(), kBytes) != 0) return base::ErrnoStatus("ftruncate", errno);
  return Map(std::move(fd));
}

base::Result<HeartbeatPage> HeartbeatPage::Map(base::UniqueFd fd) {
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return base::ErrnoStatus("map the heartbeat page", errno);
  return HeartbeatPage(std::move(fd), static_cast<std::uint64_t*>(memory));
}

HeartbeatPage::HeartbeatPage(HeartbeatPage&& other) noexcept
    : fd_(std::move(other.fd_)), words_(std::exchange(other.words_, nullptr)) {}

HeartbeatPage& HeartbeatPage::operator=(HeartbeatPage&& other) noexcept {
  fd_ = std::move(other.fd_);
  std::swap(words_, other.words_);
  return *this;
}

HeartbeatPage::~HeartbeatPage() {
  if (words_ != nullptr) munmap(words_, kBytes);
}

std::uint64_t HeartbeatPage::Get(std::size_t index) const {
  return std::atomic_ref(words_[index]).load(std::memory_order_relaxed);
}

}  // namespace worker
