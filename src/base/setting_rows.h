// The table of all settings: what reading, checking and help are made from (settings.cc). Constant;
// thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/settings.h"

namespace base {

struct SettingRow {
  std::string_view section;
  std::string_view name;
  std::variant<std::int64_t Settings::*, std::string Settings::*> member;
  std::string_view unit;
  std::int64_t least = 0;  // of a number
  std::int64_t most = 0;
  std::string_view help;
};

std::span<const SettingRow> SettingRows();

}  // namespace base
