#include "base/os/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/os/unique_fd.h"

namespace base {

Result<MappedFile> MappedFile::Open(const std::string& path, std::size_t size_bytes, Access access,
                                    mode_t mode) {
  const bool writable = access == Access::kReadWrite;
  const UniqueFd fd(
      ::open(path.c_str(), (writable ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, mode));
  if (!fd.valid()) return ErrnoStatus("open " + path, errno);
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus("stat " + path, errno);
  if (static_cast<std::size_t>(info.st_size) < size_bytes) {
    if (!writable) return Status(Code::kNotFound, path + " is not complete yet");
    // Grow only: two processes that start at once both ask for the same size.
    const int error = posix_fallocate(fd.get(), 0, static_cast<off_t>(size_bytes));
    if (error != 0) return ErrnoStatus("grow " + path, error);
  }
  void* memory = mmap(nullptr, size_bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ,
                      MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return ErrnoStatus("map " + path, errno);
  MappedFile file;
  file.words_ = static_cast<std::uint64_t*>(memory);
  file.size_bytes_ = size_bytes;
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : words_(std::exchange(other.words_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(words_, other.words_);
  std::swap(size_bytes_, other.size_bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  if (words_ != nullptr) munmap(words_, size_bytes_);
}

}  // namespace base
