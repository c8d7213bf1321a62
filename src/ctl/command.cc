#include "ctl/command.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

namespace ctl {

std::string Context::DataDirWithoutFile() const {
  if (!data_dir.empty()) return data_dir;
  const char* environment = std::getenv("LATCHKEY_DATA_DIR");
  return environment == nullptr ? base::Settings{}.data_dir : environment;
}

std::string Context::ConfigPath() const {
  if (!config_path.empty()) return config_path;
  const bool data_is_named = !data_dir.empty() || std::getenv("LATCHKEY_DATA_DIR") != nullptr;
  // An installed Latchkey is found from any folder, and no file of the folder one stands in.
  if (!data_is_named && ::access(kInstalledConfig.data(), F_OK) == 0) {
    return std::string(kInstalledConfig);
  }
  const std::string path = DataDirWithoutFile() + "/latchkey.toml";
  return ::access(path.c_str(), F_OK) == 0 ? path : std::string();
}

base::Result<base::Settings> Context::LoadSettings() const {
  return base::LoadSettings(ConfigPath(), data_dir);
}

base::Result<base::Settings> Context::LoadServedSettings() const {
  auto settings = LoadSettings();
  if (!settings.ok() || std::getenv("LATCHKEY_PUBLIC_URL") != nullptr) return settings;
  std::ifstream file(ServedUrlPath(*settings));
  if (std::string url; std::getline(file, url) && !url.empty()) settings->public_url = url;
  return settings;
}

std::string ServedUrlPath(const base::Settings& settings) { return settings.RunPath("public_url"); }

void Context::Finish(const base::Status& status) {
  if (status.ok()) return;
  std::cerr << "latchkey: " + status.message() + "\n";
  exit_code = kExitFailed;
}

}  // namespace ctl
