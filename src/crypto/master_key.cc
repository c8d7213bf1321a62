#include "crypto/master_key.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/os/unique_fd.h"
#include "crypto/hmac.h"
#include "crypto/private_file.h"

namespace crypto {

namespace {

base::Status OpenError(const std::string& path, int error_number) {
  base::Status status = base::ErrnoStatus("open the master key " + path, error_number);
  if (status.code() != base::Code::kNotFound) return status;
  return {base::Code::kNotFound,
          status.message() +
              ": `latchkey init` makes it for a new server; for one with data "
              "put the saved key back, for no other fits"};
}

// Up to `out.size()` bytes from the start of the file.
base::Result<std::size_t> ReadUpTo(int fd, const std::string& path, std::span<std::uint8_t> out) {
  std::size_t total = 0;
  while (total < out.size()) {
    const ssize_t size = ::read(fd, out.data() + total, out.size() - total);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return base::ErrnoStatus("read " + path, errno);
    if (size == 0) break;
    total += static_cast<std::size_t>(size);
  }
  return total;
}

}  // namespace

base::Result<MasterKey> MasterKey::Load(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return OpenError(path, errno);
  if (const base::Status status = CheckPrivate(fd.get(), path); !status.ok()) return status;
  MasterKey key;
  std::array<std::uint8_t, kBytes + 1> bytes{};  // one more, to notice a longer file
  const auto size = ReadUpTo(fd.get(), path, bytes);
  if (!size.ok()) return size.error();
  if (*size != kBytes) {
    return base::Status(base::Code::kInvalid, "the master key " + path + " has " +
                                                  (*size > kBytes ? "more" : "less") +
                                                  " than 32 bytes: this is not the file that "
                                                  "`latchkey init` made, put the saved key back");
  }
  std::copy_n(bytes.begin(), kBytes, key.page_.bytes().begin());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

base::Result<MasterKey> MasterKey::Create(const std::string& path, domain::Random& random) {
  MasterKey key;
  random.Fill(key.page_.bytes());
  if (const base::Status status = WritePrivateFile(path, key.page_.bytes()); !status.ok())
    return status;
  return key;
}

records::Sha256 MasterKey::Derive(std::string_view purpose) const {
  records::Sha256 derived{};
  HkdfSha256(page_.bytes(), {}, base::AsBytes(purpose), derived);
  return derived;
}

}  // namespace crypto
