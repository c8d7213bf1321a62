#include "ctl/command.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace ctl {

std::string Context::DataDirWithoutFile() const {
  if (!data_dir.empty()) return data_dir;
  const char* environment = std::getenv("LATCHKEY_DATA_DIR");
  return environment == nullptr ? base::Settings{}.data_dir : environment;
}

std::string Context::ConfigPath() const {
  if (!config_path.empty()) return config_path;
  const std::string path = DataDirWithoutFile() + "/latchkey.toml";
  return ::access(path.c_str(), F_OK) == 0 ? path : std::string();
}

base::Result<base::Settings> Context::LoadSettings() const {
  return base::LoadSettings(ConfigPath(), data_dir);
}

void Context::Finish(const base::Status& status) {
  if (status.ok()) return;
  std::cerr << "latchkey: " + status.message() + "\n";
  exit_code = kExitFailed;
}

}  // namespace ctl
