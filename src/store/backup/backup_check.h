// What a backup file is worth, found out by reading all of it, without this server. Functions are
// thread-safe; the file is opened read-only and nothing is made beside it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "records/enums.h"

namespace store {

struct BackupFacts {
  std::int64_t schema = 0;
  std::int64_t bytes = 0;
  std::int64_t organizations = 0;
  std::int64_t users = 0;
  std::int64_t grants = 0;
};
// Reads the first page alone: a SQLite file, ours, complete in itself (no WAL beside it), whole by its
// length. kNotFound; kCorrupt says what it is instead; kInvalid: a newer schema than this build knows.
base::Result<BackupFacts> ReadBackupHeader(const std::string& path);
// The same, then the schema (schema_check.h), integrity_check over every page and the counts. kCorrupt:
// what is not this program's, or SQLite's first complaint.
base::Result<BackupFacts> CheckBackup(const std::string& path);

// integrity_check over every page alone: for a file whose schema this build does not know.
// kCorrupt: SQLite's first complaint.
base::Status CheckPages(const std::string& path);

// Whether the database of a server, in use or not, has this program's schema (schema_check.h) and an
// older one's as it was. kNotFound, kUnavailable, kCorrupt, kInvalid as there.
base::Status CheckSchemaOf(const std::string& path);

// The private keys as the backup has them: whoever has the master key can tell whether it is the one.
struct WrappedKey {
  std::string kid;
  records::SigningAlgorithm algorithm = records::SigningAlgorithm::kEs256;
  records::SigningKeyState state = records::SigningKeyState::kRetired;
  std::string wrapped_private_key;
};
base::Result<std::vector<WrappedKey>> ListWrappedKeys(const std::string& path);

}  // namespace store
