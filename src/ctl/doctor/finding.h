// One thing that `latchkey doctor` looked at. Plain values.
#pragma once

#include <cstdint>
#include <string>

namespace ctl {

enum class Level : std::uint8_t { kOk, kWarn, kFail };

struct Finding {
  Level level = Level::kOk;
  std::string name;  // "master_key"; the same in every release
  std::string what;  // as it is
  std::string fix;   // what to do; empty where all is well
};

}  // namespace ctl
