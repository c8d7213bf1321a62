// Every setting of the server. Their table is setting_rows.cc; reading, checking and help: settings.cc.
// Source, in rising precedence: the default, the TOML file, LATCHKEY_… in the environment.
// Thread-compatible; read once at start (and again at SIGHUP, as a whole).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace base {

struct Settings {
  // [server]
  std::string public_url;        // the platform's issuer; no path; default: the port below
  std::string data_dir = "var";  // database, master key
  std::string run_dir;           // sockets, shared memory; default DATA/run
  std::string support_contact;   // whom "forgot password" names
  // [nginx]
  std::string listen_address = "127.0.0.1";
  std::int64_t port = 8080;
  std::int64_t nginx_workers = 0;    // 0: one a core, at least as many as 10,000 clients need
  std::int64_t max_clients = 10000;  // beyond it nginx sheds with 503
  // Of one address (IPv6: /64); loopback is exempt; 0: no limit.
  std::int64_t max_clients_per_address = 250;
  std::int64_t requests_per_second_per_address = 200;
  std::int64_t passwords_per_second_per_address = 5;
  std::int64_t passwords_per_second_per_site = 20;  // IPv6 /48
  std::string trusted_proxies;  // whose X-Forwarded-For is believed; empty: nobody's
  std::string metrics_from;     // who, beside loopback, may ask /metrics
  // [workers]
  std::int64_t api_children = 4;
  std::int64_t login_children = 0;  // 0: one a core
  std::int64_t connections_per_child = 4000;
  std::int64_t pending_writes_per_child = 4000;
  std::int64_t slow_ms = 100;
  std::int64_t request_budget_ms = 10000;
  std::int64_t record_deadline_ms = 5000;
  std::int64_t heartbeat_old_ms = 3000;
  std::string web_user;  // the pools' user, whose records are restricted; empty: none
  // [writer]
  std::int64_t batch_records = 256;
  std::int64_t checkpoint_passive_frames = 250;
  std::int64_t checkpoint_restart_frames = 1000;
  std::int64_t wal_limit_mb = 64;
  std::int64_t writer_cache_mb = 16;
  std::int64_t audit_seal_s = 60;
  std::int64_t backup_mb_per_s = 32;
  // [lifetimes]
  std::int64_t device_code_s = 900;
  std::int64_t poll_interval_s = 5;
  std::int64_t access_token_s = 3600;
  std::int64_t refresh_token_idle_s = 30 * 86400;
  std::int64_t refresh_token_absolute_s = 180 * 86400;
  std::int64_t refresh_replay_grace_s = 60;
  std::int64_t session_s = 12 * 3600;
  std::int64_t password_link_s = 86400;
  std::int64_t expired_rows_s = 86400;
  std::int64_t audit_retention_days = 400;  // 0: for ever
  std::int64_t jwks_max_age_s = 300;
  // [limits]
  std::int64_t user_code_attempts_per_session = 5;
  std::int64_t user_code_attempts_per_address = 20;
  std::int64_t guess_window_s = 900;
  std::int64_t password_attempts_per_account = 10;
  std::int64_t password_attempts_per_address = 100;
  std::int64_t user_code_attempts_global = 2000;
  std::int64_t device_codes_per_client_and_address = 1000;  // live ones; 0: no limit
  std::int64_t unknown_device_codes_per_address = 300;      // a minute; 0: no limit
  std::int64_t refreshes_per_grant = 60;                    // a minute; 0: no limit
  std::int64_t refreshes_per_account = 120;                 // a minute; 0: no limit
  std::int64_t assertions_per_client = 300;                 // a minute
  std::int64_t sign_ins_per_account = 10;                   // a minute
  std::int64_t approvals_per_account = 10;                  // a minute; refusals count, too
  // Alive at a time, decided by the writer; 0: no limit.
  std::int64_t live_device_codes_per_client = 20000;
  std::int64_t live_device_codes = 500000;
  std::int64_t grants_per_user = 200;
  std::int64_t sessions_per_user = 20;

  // Paths derived from data_dir and run_dir.
  std::string DatabasePath() const { return data_dir + "/latchkey.db"; }
  std::string MasterKeyPath() const { return data_dir + "/master.key"; }
  std::string LastBackupPath() const { return data_dir + "/last-backup"; }
  std::string RunPath(std::string_view name) const;  // run_dir/name
};

// Reads `path` (an empty path or a missing default file: defaults alone), then the environment,
// then checks each range and what depends on each other. kInvalid names file, line, key and what is
// allowed. `data_dir` overrides [server] data_dir where not empty.
Result<Settings> LoadSettings(const std::string& path, const std::string& data_dir);

// One row of the table, for `latchkey settings` and docs/configuration.md.
struct SettingHelp {
  std::string section, name, environment, unit, default_value, range, help;
};
std::vector<SettingHelp> DescribeSettings();

}  // namespace base
