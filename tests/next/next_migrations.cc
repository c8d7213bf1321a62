// Programs as the next release may have them, with one schema more: so that upgrades and the way back are tried with
// real programs whether or not a release has an older schema. Linked before the store's own list (built_in_migrations.cc).
#include <string>
#include <vector>

#include "sql_files.h"
#include "store/migrations.h"

namespace store {

std::span<const Migration> BuiltInMigrations() {
  static const std::string name = "000" + std::to_string(sql::kFiles.size() + 1) + "_next.sql";
  static const auto migrations = [] {
    std::vector<Migration> all;
    for (const auto& file : sql::kFiles) {
      all.push_back({static_cast<std::int64_t>(all.size()) + 1, file.text, file.name});
    }
    all.push_back({static_cast<std::int64_t>(all.size()) + 1,
                   "CREATE TABLE next_schema (id INTEGER NOT NULL PRIMARY KEY) STRICT;", name});
    return all;
  }();
  return migrations;
}

}  // namespace store
