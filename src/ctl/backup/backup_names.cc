#include "ctl/backup/backup_names.h"

#include <algorithm>

#include "base/rfc3339.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

constexpr std::string_view kPrefix = "latchkey-";
constexpr std::string_view kSuffix = ".db";
constexpr std::string_view kShape =
    "dddddddd"
    "T"
    "dddddd"
    "Z";

bool Fits(char character, char shape) {
  return shape == 'd' ? character >= '0' && character <= '9' : character == shape;
}

}  // namespace

std::string TimeStamp(base::Time time) {
  std::string stamp;
  for (const char c : base::Rfc3339(std::chrono::floor<base::seconds>(time))) {
    if (c != '-' && c != ':') stamp.push_back(c);
  }
  return stamp;
}

std::string BackupName(base::Time time) {
  return std::string(kPrefix) + TimeStamp(time) + std::string(kSuffix);
}

bool IsBackupName(std::string_view name) {
  if (name.size() != kPrefix.size() + kShape.size() + kSuffix.size()) return false;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return false;
  const std::string_view stamp = name.substr(kPrefix.size(), kShape.size());
  return std::equal(stamp.begin(), stamp.end(), kShape.begin(), Fits);
}

std::vector<std::string> SurplusBackups(std::vector<std::string> names, std::size_t keep) {
  std::erase_if(names, [](const std::string& name) { return !IsBackupName(name); });
  std::sort(names.begin(), names.end());
  names.resize(names.size() - std::min(keep, names.size()));
  return names;
}

}  // namespace ctl
