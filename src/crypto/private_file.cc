#include "crypto/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>

#include "base/os/unique_fd.h"

namespace crypto {

namespace {

using base::Code;
using base::ErrnoStatus;
using base::Status;

enum class AclVerdict : std::uint8_t { kNone, kPrivate, kOpen };

// Where a file has an access control list, the group bits of its mode are the list's mask and say
// nothing of the group. systemd hands a credential over in this way: owner root, one entry for the
// service's user. Layout (linux/posix_acl_xattr.h): a version, then entries of {tag, permissions,
// id}.
AclVerdict ReadAcl(int fd) {
  struct Entry {
    std::uint16_t tag, permissions;
    std::uint32_t id;
  };
  constexpr std::size_t kVersionBytes = 4;
  constexpr std::uint16_t kUserObject = 0x01, kUser = 0x02, kMask = 0x10;
  std::array<std::uint8_t, kVersionBytes + 16 * sizeof(Entry)> list{};
  const ssize_t size = fgetxattr(fd, "system.posix_acl_access", list.data(), list.size());
  if (size < 0) return errno == ERANGE ? AclVerdict::kOpen : AclVerdict::kNone;
  for (std::size_t at = kVersionBytes; at + sizeof(Entry) <= static_cast<std::size_t>(size);
       at += sizeof(Entry)) {
    Entry entry{};
    std::memcpy(&entry, list.data() + at, sizeof entry);
    const bool is_ours = entry.tag == kUserObject || entry.tag == kMask ||
                         (entry.tag == kUser && entry.id == geteuid());
    if (!is_ours && entry.permissions != 0) return AclVerdict::kOpen;
  }
  return AclVerdict::kPrivate;
}

Status WriteAll(int fd, const std::string& path, base::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus("write " + path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return ErrnoStatus("fsync " + path, errno);
  return {};
}

Status SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const base::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus("open " + folder, errno);
  if (::fsync(fd.get()) != 0) return ErrnoStatus("fsync " + folder, errno);
  return {};
}

}  // namespace

Status CheckPrivate(int fd, const std::string& path) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return ErrnoStatus("stat " + path, errno);
  const AclVerdict acl = ReadAcl(fd);
  const bool is_private = acl == AclVerdict::kNone ? (info.st_mode & (S_IRWXG | S_IRWXO)) == 0
                                                   : acl == AclVerdict::kPrivate;
  if (is_private) return {};
  return {Code::kDenied, "others than its owner may use " + path + ": run chmod 600 " + path +
                             (acl == AclVerdict::kOpen ? " after setfacl -b " + path : "")};
}

Status WritePrivateFile(const std::string& path, base::ByteView bytes) {
  const std::string draft = path + ".new-" + std::to_string(getpid());
  const base::UniqueFd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoStatus("create " + draft, errno);
  Status status = WriteAll(fd.get(), draft, bytes);
  // link(2) and not rename(2): it refuses to replace a file that is there.
  if (status.ok() && ::link(draft.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus("create " + path, errno);
  }
  ::unlink(draft.c_str());
  return status.ok() ? SyncFolderOf(path) : status;
}

Status ReplacePrivateFile(const std::string& path, base::ByteView bytes) {
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());  // of a run that was cut short
  const base::UniqueFd fd(
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoStatus("create " + draft, errno);
  Status status = WriteAll(fd.get(), draft, bytes);
  if (status.ok() && ::rename(draft.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus("rename " + draft + " to " + path, errno);
  }
  if (!status.ok()) ::unlink(draft.c_str());
  return status.ok() ? SyncFolderOf(path) : status;
}

}  // namespace crypto
