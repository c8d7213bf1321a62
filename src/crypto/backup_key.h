// Shows that a backup is what this server wrote, byte for byte: HMAC-SHA-256 of the whole file, in
// FILE.mac beside it, as 64 hexadecimal digits and a line end. The key is derived from the master key, so
// that the master key verifies every backup; it has a file of its own, so that the writer, who makes
// snapshots, needs no master key. Who has taken over the writer's user can make good ones. Source:
// docs/security.md "Backups".
#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "crypto/master_key.h"
#include "crypto/secret_page.h"
#include "records/ids.h"

namespace crypto {

// DATA/backup.key: 32 bytes, mode 0600, of the writer's user.
std::string BackupKeyPath(const std::string& data_dir);
// FILE.mac.
std::string MacPath(const std::string& file);

// A value; thread-compatible. Its bytes are in a page of their own (secret_page.h), and wiped when it goes.
class BackupKey {
 public:
  // HKDF-SHA-256 of the master key, info "latchkey backup v1".
  static BackupKey Of(const MasterKey& key);
  // kNotFound: no such file. kDenied: others may read it, or we may not. kInvalid: not 32 bytes.
  static base::Result<BackupKey> Load(const std::string& path);
  // Makes the file, 0600 and durable, all or nothing, in place of another one.
  base::Status Save(const std::string& path) const;

  // In constant time.
  bool Equals(const BackupKey& other) const;
  // Of all that `fd` holds, read from its start in pieces of 1 MB; `path` is for the words.
  base::Result<records::Sha256> Mac(int fd, const std::string& path) const;
  // Whether `mac` is that of what `fd` holds, compared in constant time.
  base::Result<bool> Fits(const records::Sha256& mac, int fd, const std::string& path) const;

 private:
  BackupKey() = default;
  SecretPage page_{sizeof(records::Sha256)};
};

// What FILE.mac says; nullopt: there is none. kCorrupt: it is something else.
base::Result<std::optional<records::Sha256>> ReadMac(const std::string& file);

// Makes FILE.mac, mode 0600, durably, in place of a former one. `mac` is of bytes that the caller
// vouches for, taken by their descriptor: what lies under the name by now is not looked at.
base::Status WriteMac(const std::string& file, const records::Sha256& mac);

// Removes FILE.mac, of a former file of that name, so that it says nothing wrong of the new one.
base::Status RemoveMac(const std::string& file);

}  // namespace crypto
