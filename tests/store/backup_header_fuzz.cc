// Files that claim to be backups: the look at their first bytes, before SQLite opens them.
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "store/backup/backup_check.h"
#include "store/database.h"
#include "store/migrations.h"

namespace fuzz {

namespace {

std::string BigEndian(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = bytes; i > 0; --i, value >>= 8U) text[i - 1] = static_cast<char>(value);
  return text;
}

}  // namespace

std::string Grow(Random& random) {
  std::string header = std::string("SQLite format 3\0", 16) + BigEndian(4096, 2);
  header += std::string("\x01\x01\x00\x40\x20\x20", 6) + BigEndian(random.Next() >> 40U, 4);
  header += BigEndian(random.OneIn(2) ? 1 : random.Below(200), 4);
  header.resize(60, '\0');
  header += BigEndian(random.OneIn(3) ? random.Next() : 1, 4) + std::string(4, '\0');
  header += BigEndian(static_cast<std::uint64_t>(store::kApplicationId), 4);
  header.resize(random.OneIn(4) ? random.Below(120) : 4096, '\0');
  if (random.OneIn(2) && !header.empty())
    header[random.Below(std::min<std::size_t>(header.size(), 100))] = random.Byte();
  return header;
}

void FuzzOne(std::string_view bytes) {
  static const int fd = ::memfd_create("backup", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(fd);
  Require(::ftruncate(fd, 0) == 0, "a file is empty");
  Require(::pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
          "is written");
  const auto facts = store::ReadBackupHeader(path);
  if (!facts.ok()) {
    Require(facts.error().message().find(path) != std::string::npos, "a refusal names the file");
    return;
  }
  Require(bytes.starts_with("SQLite format 3"), "a backup is an SQLite file");
  Require(facts->schema >= 1 && facts->schema <= store::BuiltInMigrations().back().version,
          "of a schema that we know");
  Require(facts->bytes == static_cast<std::int64_t>(bytes.size()), "and of its size");
}

}  // namespace fuzz
