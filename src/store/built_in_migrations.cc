// Apart from migrations.cc, so that a program of the tests can have more of them (tests/store/next_migrations.cc).
#include <array>

#include "sql_files.h"
#include "store/migrations.h"

namespace store {

namespace {

// "0001_initial.sql" is 1.
constexpr std::int64_t VersionOf(std::string_view name) {
  std::int64_t version = 0;
  for (const char digit : name.substr(0, 4)) version = version * 10 + (digit - '0');
  return version;
}

constexpr auto kMigrations = [] {
  std::array<Migration, sql::kFiles.size()> migrations{};
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    migrations[i] = {VersionOf(sql::kFiles[i].name), sql::kFiles[i].text, sql::kFiles[i].name};
  }
  return migrations;
}();

constexpr bool AreNumberedFromOne() {
  for (std::size_t i = 0; i < kMigrations.size(); ++i) {
    if (kMigrations[i].version != static_cast<std::int64_t>(i) + 1) return false;
  }
  return true;
}
static_assert(AreNumberedFromOne(), "sql/ is numbered 0001, 0002, ... without a gap");

}  // namespace

std::span<const Migration> BuiltInMigrations() { return kMigrations; }

}  // namespace store
