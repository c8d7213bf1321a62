#include "base/settings.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <variant>

#include "base/number.h"
#include "base/setting_rows.h"
#include "base/settings_file.h"
#include "base/url.h"

namespace base {

namespace {

using Row = SettingRow;

std::string EnvironmentName(const Row& row) {
  std::string name = "LATCHKEY_";
  for (const char c : row.name) {
    name.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return name;
}

Status ReadEnvironment(Settings* settings) {
  for (const Row& row : SettingRows()) {
    const std::string name = EnvironmentName(row);
    const char* text = std::getenv(name.c_str());
    if (text == nullptr) continue;
    if (const auto* member = std::get_if<TextMember>(&row.member)) {
      settings->** member = text;
      continue;
    }
    const std::string_view view(text);
    if (view.empty()) continue;  // as `PORT= make start` gives it
    const auto value = ParseNumber<std::int64_t>(view);
    if (!value) return WrongSetting("environment", name, "must be a whole number");
    if (Status status = SetInt(row, *value, "environment", settings); !status.ok()) return status;
  }
  return {};
}

// Each address, with or without a prefix length; checked by nginx at the latest, but what could be more
// than an address never gets there.
Status CheckAddresses(const std::string& where, std::string_view key, const std::string& value) {
  constexpr std::string_view kAddresses = "0123456789abcdefABCDEF.:/ ";
  if (value.find_first_not_of(kAddresses) == std::string::npos) return {};
  return WrongSetting(where, key, "must be addresses or networks (10.0.0.0/8), no names");
}

Status CheckTogether(const std::string& where, const Settings& s) {
  if (!s.public_url.starts_with("http://") && !s.public_url.starts_with("https://")) {
    return WrongSetting(where, "public_url",
                        "must begin with https:// (or http:// on a test machine)");
  }
  const UrlParts url = SplitUrl(s.public_url);
  if (url.host.empty() || !url.rest.empty()) {
    return WrongSetting(where, "public_url",
                        "must be https://HOST, without a path and without / at the end");
  }
  // As nginx's $host and a browser's Origin give it back: else every request would be misdirected.
  constexpr std::string_view kHost = "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
  if (url.host.find_first_not_of(kHost) != std::string_view::npos || url.host.ends_with('.')) {
    return WrongSetting(
        where, "public_url",
        "must have its host in lower case, as every token names it, in ASCII (xn--...), and "
        "without a dot at the end");
  }
  if (url.port == (url.scheme == "https" ? "443" : "80")) {
    return WrongSetting(where, "public_url", "must leave out the port that its scheme has anyway");
  }
  if (s.record_deadline_ms >= s.request_budget_ms) {
    return WrongSetting(where, "record_deadline_ms", "must be less than request_budget_ms");
  }
  if (s.heartbeat_old_ms >= s.record_deadline_ms) {
    return WrongSetting(where, "heartbeat_old_ms", "must be less than record_deadline_ms");
  }
  if (s.checkpoint_passive_frames > s.checkpoint_restart_frames) {
    return WrongSetting(where, "checkpoint_passive_frames",
                        "must not exceed checkpoint_restart_frames");
  }
  if (s.refresh_token_idle_s > s.refresh_token_absolute_s) {
    return WrongSetting(where, "refresh_token_idle_s", "must not exceed refresh_token_absolute_s");
  }
  if (Status status = CheckAddresses(where, "metrics_from", s.metrics_from); !status.ok())
    return status;
  return CheckAddresses(where, "trusted_proxies", s.trusted_proxies);
}

}  // namespace

std::string Settings::RunPath(std::string_view name) const {
  return run_dir + "/" + std::string(name);
}

Result<Settings> LoadSettings(const std::string& path, const std::string& data_dir) {
  Settings settings;
  if (!path.empty()) {
    if (Status status = ReadSettingsFile(path, &settings); !status.ok()) return status;
  }
  if (Status status = ReadEnvironment(&settings); !status.ok()) return status;
  if (!data_dir.empty()) settings.data_dir = data_dir;
  if (settings.run_dir.empty()) settings.run_dir = settings.data_dir + "/run";
  if (settings.public_url.empty()) {
    settings.public_url = "http://127.0.0.1";
    if (settings.port != 80) settings.public_url += ":" + std::to_string(settings.port);
  }
  if (Status status = CheckTogether(path.empty() ? "settings" : path, settings); !status.ok())
    return status;
  return settings;
}

std::vector<SettingHelp> DescribeSettings() {
  const Settings defaults;
  std::vector<SettingHelp> rows;
  for (const Row& row : SettingRows()) {
    SettingHelp help{.section = std::string(row.section),
                     .name = std::string(row.name),
                     .environment = EnvironmentName(row),
                     .unit = std::string(row.unit),
                     .default_value = {},
                     .range = {},
                     .help = std::string(row.help)};
    if (const auto* member = std::get_if<IntMember>(&row.member)) {
      help.default_value = std::to_string(defaults.**member);
      help.range = RangeText(row);
    } else {
      help.default_value = defaults.*std::get<TextMember>(row.member);
    }
    rows.push_back(std::move(help));
  }
  return rows;
}

}  // namespace base
