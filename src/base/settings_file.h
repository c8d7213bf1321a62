// latchkey.toml, read into settings. toml++ is known to its source alone.
#pragma once

#include <string>

#include "base/settings.h"

namespace base {

// Thread-compatible. kInvalid, with the file, the line and what to do: no TOML, no setting of ours, out of range, or
// longer than 1 MB; else as errno says. `settings` is then changed in part. What the file does not name stays.
Status ReadSettingsFile(const std::string& path, Settings* settings);

}  // namespace base
