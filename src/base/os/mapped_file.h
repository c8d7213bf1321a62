// A file of fixed size mapped into memory and shared between processes. The file is made once and
// never unlinked, replaced or truncated, so that every process, however old, sees the same page.
// Move-only. The mapped words are accessed through lock-free atomics alone (std::atomic_ref).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/status.h"

namespace base {

class MappedFile {
 public:
  enum class Access : std::uint8_t { kReadOnly, kReadWrite };

  MappedFile() = default;
  // Maps `size_bytes` of `path`. Read-write: makes the file (mode) filled with zeros where it is
  // missing, grows it where it is shorter. Read-only: kNotFound where it is missing or still too
  // short.
  static Result<MappedFile> Open(const std::string& path, std::size_t size_bytes, Access access,
                                 mode_t mode = 0640);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  bool valid() const { return words_ != nullptr; }
  // The mapping as 64-bit words, page aligned. Writing through a read-only mapping is a fault.
  std::span<std::uint64_t> words() const { return {words_, size_bytes_ / sizeof(std::uint64_t)}; }

 private:
  std::uint64_t* words_ = nullptr;
  std::size_t size_bytes_ = 0;
};

}  // namespace base
