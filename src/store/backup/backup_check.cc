#include "store/backup/backup_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "base/os/unique_fd.h"
#include "store/database.h"
#include "store/migrations.h"
#include "store/schema_check.h"
#include "store/statement.h"

// The header of a SQLite file (https://sqlite.org/fileformat2.html#the_database_header), big-endian:
//
//    0  "SQLite format 3\0"
//   16  page size           u16
//   19  read version        u8    1: no WAL; 2: a WAL beside it may hold the newest pages
//   28  pages               u32
//   60  user_version        u32   the schema
//   68  application_id      u32

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using std::string_view;

constexpr std::size_t kHeaderBytes = 100;
constexpr string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kPageSizeAt = 16;
constexpr std::size_t kReadVersionAt = 19;
constexpr std::size_t kPagesAt = 28;
constexpr std::size_t kSchemaAt = 60;
constexpr std::size_t kApplicationIdAt = 68;

constexpr string_view kIntegrityCheck = "PRAGMA integrity_check(1)";
constexpr string_view kCounts =
    "SELECT (SELECT count(*) FROM organizations), (SELECT count(*) FROM users),"
    " (SELECT count(*) FROM grants)";
constexpr string_view kWrappedKeys =
    "SELECT kid, algorithm, wrapped_private_key, state FROM signing_keys ORDER BY id";

using Header = std::array<std::uint8_t, kHeaderBytes>;

std::int64_t NumberAt(const Header& header, std::size_t offset, std::size_t bytes) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value * 256 + header.at(offset + i);
  return value;
}

Status NotABackup(const std::string& path, const std::string& why) {
  return {Code::kCorrupt, path + " is no backup of Latchkey: " + why};
}

Status CheckHeader(const Header& header, const std::string& path, std::int64_t file_bytes) {
  const string_view magic(reinterpret_cast<const char*>(header.data()), kMagic.size());
  if (magic != kMagic) return NotABackup(path, "it is not an SQLite file");
  if (NumberAt(header, kApplicationIdAt, 4) != kApplicationId) {
    return NotABackup(path, "it belongs to another application");
  }
  if (header[kReadVersionAt] != 1) {
    return NotABackup(path,
                      "it is the file of a server's database without its WAL, which may lack the "
                      "newest changes; `latchkey backup` makes one that stands alone");
  }
  const std::int64_t expected = NumberAt(header, kPageSizeAt, 2) * NumberAt(header, kPagesAt, 4);
  if (file_bytes < expected) {
    return NotABackup(path, "it is cut off (" + std::to_string(file_bytes) + " of " +
                                std::to_string(expected) + " bytes)");
  }
  const std::int64_t schema = NumberAt(header, kSchemaAt, 4);
  const std::int64_t known = BuiltInMigrations().back().version;
  if (schema < 1) return NotABackup(path, "it holds no schema");
  if (schema > known) {
    return {Code::kInvalid, path + " has schema " + std::to_string(schema) +
                                ", this build knows up to " + std::to_string(known) +
                                ": use the newer version that made it"};
  }
  return {};
}

Status CheckIntegrity(StatementCache& statements, const std::string& path) {
  Query query(statements, kIntegrityCheck);
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  auto verdict = query.Read<std::string>();
  if (verdict == "ok") return {};
  std::replace(verdict.begin(), verdict.end(), '\n', ' ');
  return {Code::kCorrupt, path + " is damaged: " + verdict};
}

Status Count(StatementCache& statements, BackupFacts* facts) {
  Query query(statements, kCounts);
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  facts->organizations = query.Read<std::int64_t>();
  facts->users = query.Read<std::int64_t>();
  facts->grants = query.Read<std::int64_t>();
  return {};
}

}  // namespace

Result<BackupFacts> ReadBackupHeader(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return base::ErrnoStatus("open " + path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return base::ErrnoStatus("look at " + path, errno);
  if (!S_ISREG(info.st_mode)) return Status(Code::kInvalid, path + " is no file");
  Header header{};
  const ssize_t got = ::pread(fd.get(), header.data(), header.size(), 0);
  if (got < 0) return base::ErrnoStatus("read " + path, errno);
  if (got < static_cast<ssize_t>(header.size())) return NotABackup(path, "it is too short");
  if (Status status = CheckHeader(header, path, info.st_size); !status.ok()) return status;
  return BackupFacts{.schema = NumberAt(header, kSchemaAt, 4), .bytes = info.st_size};
}

Result<BackupFacts> CheckBackup(const std::string& path) {
  Result<BackupFacts> facts = ReadBackupHeader(path);
  if (!facts.ok()) return facts;
  auto database = Database::OpenForReading({.path = path});
  if (!database.ok()) return database.error();
  // First: what the file defines would take part in all that follows.
  if (Status status = CheckSchema(*database, path, BuiltInMigrations()); !status.ok()) {
    return status;
  }
  StatementCache statements(*database);
  if (Status status = CheckIntegrity(statements, path); !status.ok()) return status;
  if (Status status = Count(statements, &*facts); !status.ok()) return status;
  return facts;
}

Status CheckPages(const std::string& path) {
  auto database = Database::OpenForReading({.path = path});
  if (!database.ok()) return database.error();
  StatementCache statements(*database);
  return CheckIntegrity(statements, path);
}

Status CheckSchemaOf(const std::string& path) {
  auto database = Database::OpenForReading({.path = path});
  return database.ok() ? CheckSchema(*database, path, BuiltInMigrations()) : database.error();
}

Result<std::vector<WrappedKey>> ListWrappedKeys(const std::string& path) {
  auto database = Database::OpenForReading({.path = path});
  if (!database.ok()) return database.error();
  StatementCache statements(*database);
  Query query(statements, kWrappedKeys);
  std::vector<WrappedKey> keys;
  Result<bool> row = query.Step();
  for (; row.ok() && *row; row = query.Step()) {
    WrappedKey key;
    key.kid = query.Read<std::string>();
    key.algorithm = query.Read<records::SigningAlgorithm>();
    key.wrapped_private_key = query.Read<std::string>();
    key.state = query.Read<records::SigningKeyState>();
    keys.push_back(std::move(key));
  }
  if (!row.ok()) return row.error();
  return keys;
}

}  // namespace store
