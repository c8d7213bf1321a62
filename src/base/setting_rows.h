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

using IntMember = std::int64_t Settings::*;
using TextMember = std::string Settings::*;

struct SettingRow {
  std::string_view section;
  std::string_view name;
  std::variant<IntMember, TextMember> member;
  std::string_view unit;
  std::int64_t least = 0;  // of a number
  std::int64_t most = 0;
  std::string_view help;
};

std::span<const SettingRow> SettingRows();
std::string RangeText(const SettingRow& row);

// What to say of a value: `where` is the file and line, or the environment.
Status WrongSetting(std::string_view where, std::string_view key, std::string_view why);
// Of a row with a number. kInvalid: out of its range.
Status SetInt(const SettingRow& row, std::int64_t value, std::string_view where,
              Settings* settings);

}  // namespace base
