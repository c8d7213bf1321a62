#include "base/settings.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <set>
#include <sstream>
#include <variant>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/url.h"

namespace base {

namespace {

using IntMember = std::int64_t Settings::*;
using TextMember = std::string Settings::*;

struct Row {
  std::string_view section;
  std::string_view name;
  std::variant<IntMember, TextMember> member;
  std::string_view unit;
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::string_view help;
};

constexpr std::int64_t kDay = 86400;

using S = Settings;
const std::array kRows{
    Row{"server", "public_url", &S::public_url, "URL", 0, 0,
        "the address people and apps use: the issuer of the platform; no path; empty: "
        "http://127.0.0.1:PORT"},
    Row{"server", "data_dir", &S::data_dir, "path", 0, 0, "database and master key"},
    Row{"server", "run_dir", &S::run_dir, "path", 0, 0,
        "sockets and shared memory; empty: data_dir/run"},
    Row{"server", "support_contact", &S::support_contact, "text", 0, 0,
        "whom the page \"forgot password\" names; empty: your administrator"},
    Row{"nginx", "listen_address", &S::listen_address, "address", 0, 0,
        "where nginx listens under latchkey run"},
    Row{"nginx", "port", &S::port, "port", 1, 65535, "where nginx listens under latchkey run"},
    Row{"nginx", "workers", &S::nginx_workers, "processes", 0, 64,
        "nginx workers; 0: one a core, at least two"},
    Row{"nginx", "max_clients", &S::max_clients, "connections", 16, 1000000,
        "requests at once beyond which nginx answers 503; tokens have a quarter more"},
    Row{"nginx", "max_clients_per_address", &S::max_clients_per_address, "connections", 0, 1000000,
        "requests at once from one address (IPv6: /64), above it 503; loopback is exempt; 0: no "
        "limit"},
    Row{"nginx", "requests_per_second_per_address", &S::requests_per_second_per_address,
        "requests/s", 0, 1000000,
        "from one address (IPv6: /64), above it 429; loopback is exempt; 0: no limit"},
    Row{"nginx", "passwords_per_second_per_address", &S::passwords_per_second_per_address,
        "requests/s", 0, 1000000,
        "the same for what hashes a password (bursts of ten times as many pass); 0: no limit"},
    Row{"nginx", "trusted_proxies", &S::trusted_proxies, "addresses", 0, 0,
        "proxies in front of nginx, blank-separated (10.0.0.1 2001:db8::/32): the client is then "
        "the last address of X-Forwarded-For that is not theirs; empty: no header is believed"},
    Row{"nginx", "metrics_from", &S::metrics_from, "addresses", 0, 0,
        "addresses or networks, apart by blanks, that may ask /metrics; loopback always may"},
    Row{"workers", "api_children", &S::api_children, "processes", 1, 64,
        "children of the api pool, a socket each"},
    Row{"workers", "login_children", &S::login_children, "processes", 0, 64,
        "children of the login pool, each hashing one password at a time; 0: one a core"},
    Row{"workers", "connections_per_child", &S::connections_per_child, "connections", 8, 100000,
        "connections from nginx one api child holds"},
    Row{"workers", "pending_writes_per_child", &S::pending_writes_per_child, "writes", 1, 100000,
        "writes one child waits for; beyond it 503"},
    Row{"workers", "recycle_after_requests", &S::recycle_after_requests, "requests", 0, 1000000000,
        "a child is replaced after so many, give or take 10 %; 0: never"},
    Row{"workers", "request_budget_ms", &S::request_budget_ms, "ms", 100, 14000,
        "a request older than this is answered 503 (nginx gives up at 15 s)"},
    Row{"workers", "record_deadline_ms", &S::record_deadline_ms, "ms", 50, 13000,
        "a write unanswered for so long is answered 503; less than request_budget_ms"},
    Row{"workers", "heartbeat_old_ms", &S::heartbeat_old_ms, "ms", 50, 12000,
        "a writer silent for so long counts as down; less than record_deadline_ms"},
    Row{"workers", "slow_read_ms", &S::slow_read_ms, "ms", 1, 60000,
        "a request whose reads took longer logs one WARN"},
    Row{"workers", "web_user", &S::web_user, "user", 0, 0,
        "user of the pools; its records may not change the directory; empty: pools run as the "
        "writer's user"},
    Row{"writer", "batch_records", &S::batch_records, "records", 1, 16384,
        "most records in one transaction"},
    Row{"writer", "batch_ms", &S::batch_ms, "ms", 1, 1000,
        "longest time to gather the records of one transaction"},
    Row{"writer", "checkpoint_passive_frames", &S::checkpoint_passive_frames, "WAL frames", 1,
        1000000, "new frames after which a PASSIVE checkpoint runs"},
    Row{"writer", "checkpoint_restart_frames", &S::checkpoint_restart_frames, "WAL frames", 1,
        1000000, "log length from which a RESTART checkpoint runs"},
    Row{"writer", "checkpoint_busy_ms", &S::checkpoint_busy_ms, "ms", 0, 1000,
        "longest wait of RESTART for readers"},
    Row{"writer", "wal_limit_mb", &S::wal_limit_mb, "MB", 1, 4096,
        "log size at which writes are refused until a checkpoint succeeds"},
    Row{"writer", "writer_cache_mb", &S::writer_cache_mb, "MB", 1, 4096,
        "page cache of the writer"},
    Row{"writer", "reader_cache_kb", &S::reader_cache_kb, "KB", 64, 1048576,
        "page cache of each worker child"},
    Row{"writer", "slow_commit_ms", &S::slow_commit_ms, "ms", 1, 60000,
        "a commit or checkpoint that took longer logs one WARN"},
    Row{"writer", "expire_rows", &S::expire_rows, "rows", 1, 10000,
        "expired rows deleted in one idle step"},
    Row{"writer", "audit_seal_s", &S::audit_seal_s, "s", 1, kDay,
        "a row of the audit log is sealed once it is so old, as soon as the writer is idle"},
    Row{"writer", "backup_mb_per_s", &S::backup_mb_per_s, "MB/s", 1, 250,
        "how fast a backup copies the database while it is served"},
    Row{"lifetimes", "device_code_s", &S::device_code_s, "s", 60, 3600,
        "device_code and user_code"},
    Row{"lifetimes", "poll_interval_s", &S::poll_interval_s, "s", 1, 60,
        "interval a device is told to poll at"},
    Row{"lifetimes", "access_token_s", &S::access_token_s, "s", 60, 7 * kDay,
        "access tokens of services that set none of their own"},
    Row{"lifetimes", "refresh_token_idle_s", &S::refresh_token_idle_s, "s", 60, 3650 * kDay,
        "a refresh token unused for so long is over"},
    Row{"lifetimes", "refresh_token_absolute_s", &S::refresh_token_absolute_s, "s", 60, 3650 * kDay,
        "a session is over after this, however often refreshed"},
    Row{"lifetimes", "refresh_replay_grace_s", &S::refresh_replay_grace_s, "s", 0, 600,
        "how long a rotated refresh token may be sent again by a client that missed the reply"},
    Row{"lifetimes", "sign_in_s", &S::sign_in_s, "s", 60, 30 * kDay, "a browser's sign-in"},
    Row{"lifetimes", "password_link_s", &S::password_link_s, "s", 60, 30 * kDay,
        "a link that sets a password"},
    Row{"lifetimes", "expired_rows_s", &S::expired_rows_s, "s", 60, 30 * kDay,
        "how long an expired code, token, session or link is still told apart from an unknown one"},
    Row{"lifetimes", "audit_retention_days", &S::audit_retention_days, "days", 0, 36500,
        "rows of the audit log older than this are deleted, whole sealed intervals at a time; 0: "
        "none is"},
    Row{"lifetimes", "jwks_max_age_s", &S::jwks_max_age_s, "s", 1, kDay,
        "how long others may keep the JWKS and the metadata (Cache-Control); a new signing key is "
        "published for at least twice as long before it signs"},
    Row{"limits", "user_code_attempts_per_session", &S::user_code_attempts_per_session, "guesses",
        1, 1000, "wrong user codes a browser may type in guess_window_s"},
    Row{"limits", "user_code_attempts_per_address", &S::user_code_attempts_per_address, "guesses",
        1, 100000, "wrong user codes from one address (IPv6: /64) in guess_window_s"},
    Row{"limits", "guess_window_s", &S::guess_window_s, "s", 10, kDay,
        "window of the guess limits"},
    Row{"limits", "password_attempts_per_account", &S::password_attempts_per_account, "guesses", 1,
        1000, "wrong passwords for one account in guess_window_s; then it is locked for that time"},
    Row{"limits", "password_attempts_per_address", &S::password_attempts_per_address, "guesses", 1,
        1000000, "wrong passwords from one address in guess_window_s"},
    Row{"limits", "user_code_attempts_global", &S::user_code_attempts_global, "guesses", 10,
        100000000,
        "wrong user codes in all in guess_window_s, beyond which /activate asks for the "
        "organization first"},
    Row{"limits", "device_codes_per_client_and_address", &S::device_codes_per_client_and_address,
        "codes", 0, 100000000, "live device codes of one client from one address; 0: no limit"},
    Row{"limits", "unknown_device_codes_per_address", &S::unknown_device_codes_per_address,
        "polls/min", 0, 100000000,
        "polls with an unknown device_code from one address; 0: no limit"},
};

std::string EnvironmentName(const Row& row) {
  std::string name = "LATCHKEY_";
  for (const char c : row.name) {
    name.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return name;
}

std::string RangeText(const Row& row) {
  return std::to_string(row.least) + " to " + std::to_string(row.most);
}

Status Wrong(std::string_view where, std::string_view key, std::string_view why) {
  std::string message(where);
  message.append(": ").append(key).append(" ").append(why);
  return {Code::kInvalid, std::move(message)};
}

Status SetInt(const Row& row, std::int64_t value, std::string_view where, Settings* settings) {
  if (value < row.least || value > row.most) {
    return Wrong(where, row.name,
                 "is " + std::to_string(value) + ", allowed is " + RangeText(row) + " (" +
                     std::string(row.unit) + ")");
  }
  settings->*std::get<IntMember>(row.member) = value;
  return {};
}

Status SetFromToml(const Row& row, const toml::node& node, const std::string& where,
                   Settings* settings) {
  if (std::holds_alternative<IntMember>(row.member)) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value)
      return Wrong(where, row.name, "must be a whole number (" + std::string(row.unit) + ")");
    return SetInt(row, *value, where, settings);
  }
  const auto value = node.value_exact<std::string>();
  if (!value) return Wrong(where, row.name, "must be a text in quotes");
  settings->*std::get<TextMember>(row.member) = *value;
  return {};
}

const Row* FindRow(std::string_view section, std::string_view name) {
  for (const Row& row : kRows) {
    if (row.section == section && row.name == name) return &row;
  }
  return nullptr;
}

std::string Where(const std::string& path, const toml::source_region& region) {
  return path + ":" + std::to_string(region.begin.line);
}

Status ReadSection(const std::string& path, std::string_view section, const toml::table& table,
                   Settings* settings) {
  for (const auto& [key, node] : table) {
    const std::string where = Where(path, node.source());
    const Row* row = FindRow(section, key.str());
    if (row == nullptr) {
      return Wrong(where, key.str(),
                   "is no setting of [" + std::string(section) + "]: see `latchkey settings`");
    }
    if (Status status = SetFromToml(*row, node, where, settings); !status.ok()) return status;
  }
  return {};
}

Status ReadFile(const std::string& path, Settings* settings) {
  if (::access(path.c_str(), R_OK) != 0) return ErrnoStatus("read " + path, errno);
  const toml::parse_result parsed = toml::parse_file(path);
  if (!parsed) {
    return Wrong(Where(path, parsed.error().source()), "syntax:", parsed.error().description());
  }
  for (const auto& [key, node] : parsed.table()) {
    const toml::table* section = node.as_table();
    if (section == nullptr) {
      return Wrong(Where(path, node.source()), key.str(), "must stand in a [section]");
    }
    if (Status status = ReadSection(path, key.str(), *section, settings); !status.ok())
      return status;
  }
  return {};
}

Status ReadEnvironment(Settings* settings) {
  for (const Row& row : kRows) {
    const std::string name = EnvironmentName(row);
    const char* text = std::getenv(name.c_str());
    if (text == nullptr) continue;
    if (const auto* member = std::get_if<TextMember>(&row.member)) {
      settings->** member = text;
      continue;
    }
    const std::string_view view(text);
    if (view.empty()) continue;  // as `PORT= make start` gives it
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), value);
    if (error != std::errc() || end != view.data() + view.size()) {
      return Wrong("environment", name, "must be a whole number");
    }
    if (Status status = SetInt(row, value, "environment", settings); !status.ok()) return status;
  }
  return {};
}

// Each address, with or without a prefix length; checked by nginx at the latest, but what could be more
// than an address never gets there.
Status CheckAddresses(const std::string& where, std::string_view key, const std::string& value) {
  constexpr std::string_view kAddresses = "0123456789abcdefABCDEF.:/ ";
  if (value.find_first_not_of(kAddresses) == std::string::npos) return {};
  return Wrong(where, key, "must be addresses or networks (10.0.0.0/8), no names");
}

Status CheckTogether(const std::string& where, const Settings& s) {
  if (!s.public_url.starts_with("http://") && !s.public_url.starts_with("https://")) {
    return Wrong(where, "public_url", "must begin with https:// (or http:// on a test machine)");
  }
  const UrlParts url = SplitUrl(s.public_url);
  if (url.host.empty() || !url.rest.empty()) {
    return Wrong(where, "public_url",
                 "must be https://HOST, without a path and without / at the end");
  }
  // As nginx's $host and a browser's Origin give it back: else every request would be misdirected.
  constexpr std::string_view kHost = "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
  if (url.host.find_first_not_of(kHost) != std::string_view::npos || url.host.ends_with('.')) {
    return Wrong(
        where, "public_url",
        "must have its host in lower case, as every token names it, in ASCII (xn--...), and "
        "without a dot at the end");
  }
  if (url.port == (url.scheme == "https" ? "443" : "80")) {
    return Wrong(where, "public_url", "must leave out the port that its scheme has anyway");
  }
  if (s.record_deadline_ms >= s.request_budget_ms) {
    return Wrong(where, "record_deadline_ms", "must be less than request_budget_ms");
  }
  if (s.heartbeat_old_ms >= s.record_deadline_ms) {
    return Wrong(where, "heartbeat_old_ms", "must be less than record_deadline_ms");
  }
  if (s.checkpoint_passive_frames > s.checkpoint_restart_frames) {
    return Wrong(where, "checkpoint_passive_frames", "must not exceed checkpoint_restart_frames");
  }
  if (s.refresh_token_idle_s > s.refresh_token_absolute_s) {
    return Wrong(where, "refresh_token_idle_s", "must not exceed refresh_token_absolute_s");
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
    if (Status status = ReadFile(path, &settings); !status.ok()) return status;
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
  for (const Row& row : kRows) {
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
