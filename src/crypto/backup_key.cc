#include "crypto/backup_key.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "base/bytes.h"
#include "base/os/unique_fd.h"
#include "crypto/hmac.h"
#include "crypto/private_file.h"

namespace crypto {

namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr std::string_view kPurpose = "latchkey backup v1";
constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::size_t kMacTextBytes = 2 * sizeof(records::Sha256) + 1;  // hexadecimal, line end

// What stands at `offset`, up to `out.size()` bytes of it.
Result<std::size_t> ReadAt(int fd, const std::string& path, off_t offset,
                           std::span<std::uint8_t> out) {
  std::size_t total = 0;
  while (total < out.size()) {
    const ssize_t got =
        ::pread(fd, out.data() + total, out.size() - total, offset + static_cast<off_t>(total));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::ErrnoStatus("read " + path, errno);
    if (got == 0) break;
    total += static_cast<std::size_t>(got);
  }
  return total;
}

Status NoMac(const std::string& path) {
  return {Code::kCorrupt, path + " is not what `latchkey backup` puts beside a backup"};
}

}  // namespace

std::string BackupKeyPath(const std::string& data_dir) { return data_dir + "/backup.key"; }

std::string MacPath(const std::string& file) { return file + ".mac"; }

BackupKey BackupKey::Of(const MasterKey& key) {
  BackupKey backup_key;
  records::Sha256 derived = key.Derive(kPurpose);
  std::ranges::copy(derived, backup_key.page_.bytes().begin());
  OPENSSL_cleanse(derived.data(), derived.size());
  return backup_key;
}

Result<BackupKey> BackupKey::Load(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid()) return base::ErrnoStatus("open the backup key " + path, errno);
  if (Status status = CheckPrivate(fd.get(), path); !status.ok()) return status;
  std::array<std::uint8_t, sizeof(records::Sha256) + 1> bytes{};  // one more: to see a longer file
  const auto size = ReadAt(fd.get(), path, 0, bytes);
  if (!size.ok()) return size.error();
  if (*size != sizeof(records::Sha256)) {
    return Status(Code::kInvalid, "the backup key " + path + " does not have 32 bytes");
  }
  BackupKey key;
  std::copy_n(bytes.begin(), *size, key.page_.bytes().begin());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

Status BackupKey::Save(const std::string& path) const {
  return ReplacePrivateFile(path, page_.bytes());
}

bool BackupKey::Equals(const BackupKey& other) const {
  return CRYPTO_memcmp(page_.bytes().data(), other.page_.bytes().data(), page_.bytes().size()) == 0;
}

Result<records::Sha256> BackupKey::Mac(int fd, const std::string& path) const {
  HmacSha256 hmac(page_.bytes());
  std::vector<std::uint8_t> piece(kPieceBytes);
  hmac.Begin();
  for (off_t offset = 0;;) {
    const auto size = ReadAt(fd, path, offset, piece);
    if (!size.ok()) return size.error();
    if (*size == 0) return hmac.End();
    hmac.Add(base::ByteView(piece).first(*size));
    offset += static_cast<off_t>(*size);
  }
}

Result<bool> BackupKey::Fits(const records::Sha256& mac, int fd, const std::string& path) const {
  const auto own = Mac(fd, path);
  if (!own.ok()) return own.error();
  return CRYPTO_memcmp(own->data(), mac.data(), mac.size()) == 0;
}

Status WriteMac(const std::string& file, const records::Sha256& mac) {
  return ReplacePrivateFile(MacPath(file), base::AsBytes(base::HexEncode(mac) + "\n"));
}

Status RemoveMac(const std::string& file) {
  const std::string path = MacPath(file);
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return base::ErrnoStatus("remove " + path, errno);
}

Result<std::optional<records::Sha256>> ReadMac(const std::string& file) {
  const std::string path = MacPath(file);
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid() && errno == ENOENT) return std::optional<records::Sha256>();
  if (!fd.valid()) return base::ErrnoStatus("open " + path, errno);
  std::array<std::uint8_t, kMacTextBytes + 1> text{};
  const auto size = ReadAt(fd.get(), path, 0, text);
  if (!size.ok()) return size.error();
  std::string_view digits(reinterpret_cast<const char*>(text.data()), *size);
  if (digits.ends_with('\n')) digits.remove_suffix(1);
  records::Sha256 mac{};
  if (!base::HexDecodeInto(digits, mac)) return NoMac(path);
  return std::optional(mac);
}

}  // namespace crypto
