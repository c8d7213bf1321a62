// Making and entering the data folder, for commands that set it up. Lives on main's thread.
#pragma once

#include <string>

#include "base/settings.h"
#include "base/status.h"
#include "ctl/command.h"

namespace ctl {

struct DataFolder {
  base::Settings settings;  // paths absolute
  std::string config_path;  // the settings file; it may be missing yet
};

// The settings and their absolute paths; nothing is made.
base::Result<DataFolder> FindDataFolder(const Context& context);
// Makes DATA (0700), run_dir and DATA/log where they are missing; root becomes DATA's owner.
base::Status EnterDataFolder(const DataFolder& folder);

// A settings file with this public_url and, as comments, what is changed most.
base::Status WriteSettingsFile(const std::string& path, const std::string& public_url);

// The path for people: relative where the current folder holds it.
std::string ShortPath(const std::string& path);
// How to call this executable from the current folder.
std::string CommandText();

}  // namespace ctl
