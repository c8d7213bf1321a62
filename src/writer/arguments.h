// The writer's command line: `latchkey-writer [--config FILE] [--data DIR]`. Pure.
#pragma once

#include <span>
#include <string>

#include "base/status.h"

namespace writer {

struct Arguments {
  std::string config_path;  // empty: defaults and environment alone
  std::string data_dir;     // empty: as the settings say
};

// kInvalid, with the usage: an unknown option or one without its value.
base::Result<Arguments> ParseArguments(std::span<char* const> arguments);

}  // namespace writer
