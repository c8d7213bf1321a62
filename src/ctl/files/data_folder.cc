#include "ctl/files/data_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "base/os/file.h"
#include "base/os/owner.h"
#include "supervisor/environment.h"

namespace ctl {

namespace {

using base::Result;
using base::Status;

constexpr std::string_view kSettingsFile =
    R"(# Settings of this Latchkey. All of them with unit, default and range: `latchkey settings`.
# LATCHKEY_... in the environment overrides a line.

[server]
# The address people and apps use, without a path: the issuer of the platform's tokens. Apps know it;
# changing it later signs everybody out.
public_url = "{}"
# Whom the page "forgot password" names.
# support_contact = "it@example.com"

[nginx]
# Where nginx listens under `latchkey run`.
# listen_address = "127.0.0.1"
# port = 8080
)";

}  // namespace

Result<DataFolder> FindDataFolder(const Context& context) {
  const bool has_file =
      context.config_path.empty() || ::access(context.config_path.c_str(), F_OK) == 0;
  auto settings = has_file ? context.LoadSettings() : base::LoadSettings("", context.data_dir);
  if (!settings.ok()) return settings.error();
  if (Status status = supervisor::MakePathsAbsolute(&*settings); !status.ok()) return status;
  std::string path = context.config_path.empty() ? context.ConfigPath() : context.config_path;
  if (path.empty()) path = settings->data_dir + "/latchkey.toml";
  return DataFolder{std::move(*settings), std::move(path)};
}

Status EnterDataFolder(const DataFolder& folder) {
  if (Status status = supervisor::MakeDataFolder(folder.settings.data_dir); !status.ok())
    return status;
  if (Status status = base::BecomeOwner(folder.settings.data_dir); !status.ok()) return status;
  return supervisor::MakeRunFolders(folder.settings);
}

Status WriteSettingsFile(const std::string& path, const std::string& public_url) {
  return base::ReplaceFile(path, fmt::format(kSettingsFile, public_url), 0600);
}

std::string ShortPath(const std::string& path) {
  std::error_code error;
  const auto here = std::filesystem::current_path(error);
  if (error) return path;
  const auto relative = std::filesystem::path(path).lexically_relative(here);
  const std::string text = relative.string();
  return text.empty() || text.starts_with("..") ? path : text;
}

std::string CommandText() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "latchkey";
  const std::string path = self.string();
  return path == "/usr/bin/latchkey" || path == "/usr/local/bin/latchkey" ? "latchkey"
                                                                          : ShortPath(path);
}

}  // namespace ctl
