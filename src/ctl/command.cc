#include "ctl/command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

#include "base/os/file.h"
#include "base/os/owner.h"

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

// Root in somebody's folder: the settings file there says which data are meant, and those may be that user's alone.
base::Status CheckFound(const std::string& path, const std::string& data_dir) {
  if (::getuid() != 0 || path.empty()) return {};
  const auto file = base::OwnerOfFixed(path);
  if (!file.ok() && file.error().code() == base::Code::kNotFound) return {};
  if (!file.ok()) {
    return {file.error().code(), file.error().message() + ", or by --config if that is meant"};
  }
  const auto data = base::OwnerOf(data_dir);
  if (file->uid == 0 || !data.ok() || data->uid == file->uid) return {};
  return {base::Code::kDenied, path + " is not root's, and names a data folder of another user, " +
                                   data_dir + ": name the file by --config if that is meant"};
}

// What lies in a folder is read as its owner: a link there shows nothing of root's.
base::Result<base::Settings> LoadFound(const std::string& path, const std::string& data_dir) {
  const base::AsOwnerOf owner(std::filesystem::path(path).parent_path().string());
  if (!owner.status().ok()) {
    return base::Status(owner.status().code(),
                        owner.status().message() + ", or the settings by --config");
  }
  return base::LoadSettings(path, data_dir);
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
  const std::string path = ConfigPath();
  const bool is_found = config_path.empty() && !path.empty() && path != kInstalledConfig;
  auto settings = is_found ? LoadFound(path, data_dir) : base::LoadSettings(path, data_dir);
  if (settings.ok() && config_path.empty()) {
    if (base::Status status = CheckFound(path, settings->data_dir); !status.ok()) return status;
  }
  return settings;
}

base::Result<base::Settings> Context::LoadAsOwner() const {
  auto settings = LoadSettings();
  if (!settings.ok()) return settings;
  if (base::Status status = base::ActAsOwner(settings->data_dir); !status.ok()) return status;
  return settings;
}

base::Result<base::Settings> Context::LoadServedSettings() const {
  auto settings = LoadAsOwner();
  if (!settings.ok() || std::getenv("LATCHKEY_PUBLIC_URL") != nullptr) return settings;
  const auto file = base::ReadWholeFile(ServedUrlPath(*settings));
  std::string url = file.ok() ? file->substr(0, file->find('\n')) : std::string();
  if (!url.empty()) settings->public_url = std::move(url);
  return settings;
}

std::string ServedUrlPath(const base::Settings& settings) { return settings.RunPath("public_url"); }

void Context::Finish(const base::Status& status) {
  if (status.ok()) return;
  std::cerr << "latchkey: " + status.message() + "\n";
  exit_code = kExitFailed;
}

}  // namespace ctl
