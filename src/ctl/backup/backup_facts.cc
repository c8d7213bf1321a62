#include "ctl/backup/backup_facts.h"

#include <fmt/format.h>

#include "ctl/print/text.h"

namespace ctl {

std::string FactsText(const std::string& path, const store::BackupFacts& facts) {
  return fmt::format(
      "{}: {}, schema {}, {} organizations, {} users, {} grants; every page was checked",
      Printable(path), BytesText(static_cast<std::uint64_t>(facts.bytes)), facts.schema,
      facts.organizations, facts.users, facts.grants);
}

JsonObject FactsJson(const std::string& path, const store::BackupFacts& facts) {
  return {{"file", path},           {"bytes", facts.bytes},
          {"schema", facts.schema}, {"organizations", facts.organizations},
          {"users", facts.users},   {"grants", facts.grants}};
}

}  // namespace ctl
