#include "ctl/command.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>

namespace ctl {

std::string Context::DataDirWithoutFile() const {
  if (!data_dir.empty()) return data_dir;
  const char* environment = std::getenv("LATCHKEY_DATA_DIR");
  return environment == nullptr ? base::Settings{}.data_dir : environment;
}

namespace {

bool IsInstalledData(const std::string& data_dir) {
  const auto installed = base::LoadSettings(std::string(kInstalledConfig), "");
  std::error_code error;
  return installed.ok() && std::filesystem::equivalent(installed->data_dir, data_dir, error);
}

}  // namespace

// An installed Latchkey is found from any folder, and no file of the folder one stands in. Its data are
// served with its settings, however they are named: with others its server would not be found.
std::string Context::ConfigPath() const {
  if (!config_path.empty()) return config_path;
  const bool is_there = ::access(kInstalledConfig.data(), F_OK) == 0;
  if (is_there && std::getenv("LATCHKEY_DATA_DIR") == nullptr &&
      (data_dir.empty() || IsInstalledData(data_dir))) {
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
