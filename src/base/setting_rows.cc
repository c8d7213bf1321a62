#include "base/setting_rows.h"

#include <array>
#include <utility>

namespace base {

namespace {

constexpr std::int64_t kDay = 86400;

using S = Settings;
const std::array kRows{
    SettingRow{"server", "public_url", &S::public_url, "URL", 0, 0,
               "the address people and apps use: the issuer of the platform; no path; empty: "
               "http://127.0.0.1:PORT"},
    SettingRow{"server", "data_dir", &S::data_dir, "path", 0, 0, "database and master key"},
    SettingRow{"server", "run_dir", &S::run_dir, "path", 0, 0,
               "sockets and shared memory; empty: data_dir/run"},
    SettingRow{"server", "slow_ms", &S::slow_ms, "ms", 1, 60000,
               "a request whose reads, or a commit or checkpoint that took longer logs one WARN"},
    SettingRow{"server", "support_contact", &S::support_contact, "text", 0, 0,
               "whom the page \"forgot password\" names; empty: your administrator"},
    SettingRow{"nginx", "listen_address", &S::listen_address, "address", 0, 0,
               "where nginx listens under latchkey run"},
    SettingRow{"nginx", "port", &S::port, "port", 1, 65535,
               "where nginx listens under latchkey run"},
    SettingRow{"nginx", "workers", &S::nginx_workers, "processes", 0, 64,
               "nginx workers; 0: one a core, at least two"},
    SettingRow{"nginx", "max_clients", &S::max_clients, "connections", 16, 1000000,
               "requests at once beyond which nginx answers 503; tokens have a quarter more"},
    SettingRow{
        "nginx", "max_clients_per_address", &S::max_clients_per_address, "connections", 0, 1000000,
        "requests at once from one IPv4 address (an IPv6 /64 has a fifth of that, its /48 four "
        "fifths, its /32 four times that), a fifth of them with a body or over HTTP/2, which "
        "their sender may stretch (a /48 twice that), a tenth for pages of other sites; above it "
        "503; loopback is exempt; 0: no limit"},
    SettingRow{"nginx", "requests_per_second_per_address", &S::requests_per_second_per_address,
               "requests/s", 0, 1000000,
               "from one address (IPv6: /64), above it 429; loopback is exempt; 0: no limit"},
    SettingRow{
        "nginx", "passwords_per_second_per_address", &S::passwords_per_second_per_address,
        "requests/s", 0, 1000000,
        "the same for what hashes a password (bursts of ten times as many pass); 0: no limit"},
    SettingRow{"nginx", "passwords_per_second_per_site", &S::passwords_per_second_per_site,
               "requests/s", 0, 1000000,
               "the same for all networks of one IPv6 /48 together (bursts of twice as many pass); "
               "0: no limit"},
    SettingRow{
        "nginx", "trusted_proxies", &S::trusted_proxies, "addresses", 0, 0,
        "proxies in front of nginx, blank-separated (10.0.0.1 2001:db8::/32): the client is then "
        "the last address of X-Forwarded-For that is not theirs; empty: no header is believed"},
    SettingRow{
        "nginx", "metrics_from", &S::metrics_from, "addresses", 0, 0,
        "addresses or networks, apart by blanks, that may ask /metrics; loopback always may"},
    SettingRow{"workers", "api_children", &S::api_children, "processes", 1, 64,
               "children of the api pool, a socket each"},
    SettingRow{"workers", "login_children", &S::login_children, "processes", 0, 64,
               "children of the login pool, each hashing one password at a time; 0: one a core"},
    SettingRow{"workers", "connections_per_child", &S::connections_per_child, "connections", 8,
               100000, "connections from nginx one api child holds"},
    SettingRow{"workers", "pending_writes_per_child", &S::pending_writes_per_child, "writes", 1,
               100000, "writes one child waits for; beyond it 503"},
    SettingRow{"workers", "request_budget_ms", &S::request_budget_ms, "ms", 100, 14000,
               "a request older than this is answered 503 (nginx gives up at 15 s)"},
    SettingRow{"workers", "record_deadline_ms", &S::record_deadline_ms, "ms", 50, 13000,
               "a write unanswered for so long is answered 503; less than request_budget_ms"},
    SettingRow{"workers", "heartbeat_old_ms", &S::heartbeat_old_ms, "ms", 50, 12000,
               "a writer silent for so long counts as down; less than record_deadline_ms"},
    SettingRow{
        "workers", "web_user", &S::web_user, "user", 0, 0,
        "user of the pools; its records may not change the directory; empty: pools run as the "
        "writer's user"},
    SettingRow{"writer", "batch_records", &S::batch_records, "records", 1, 16384,
               "most records in one transaction"},
    SettingRow{"writer", "checkpoint_passive_frames", &S::checkpoint_passive_frames, "WAL frames",
               1, 1000000, "new frames after which a PASSIVE checkpoint runs"},
    SettingRow{"writer", "checkpoint_restart_frames", &S::checkpoint_restart_frames, "WAL frames",
               1, 1000000, "WAL length from which a RESTART checkpoint runs"},
    SettingRow{"writer", "wal_limit_mb", &S::wal_limit_mb, "MB", 1, 4096,
               "WAL size at which writes are refused until a checkpoint succeeds"},
    SettingRow{"writer", "writer_cache_mb", &S::writer_cache_mb, "MB", 1, 4096,
               "page cache of the writer"},
    SettingRow{"writer", "audit_seal_s", &S::audit_seal_s, "s", 1, kDay,
               "a row of the audit log is sealed once it is so old, as soon as the writer is idle"},
    SettingRow{"writer", "backup_mb_per_s", &S::backup_mb_per_s, "MB/s", 1, 250,
               "how fast a backup copies the database while it is served"},
    SettingRow{"lifetimes", "device_code_s", &S::device_code_s, "s", 60, 3600,
               "device_code and user_code"},
    SettingRow{"lifetimes", "poll_interval_s", &S::poll_interval_s, "s", 1, 60,
               "interval a device is told to poll at"},
    SettingRow{"lifetimes", "access_token_s", &S::access_token_s, "s", 60, 7 * kDay,
               "access tokens of services that set none of their own"},
    SettingRow{"lifetimes", "refresh_token_idle_s", &S::refresh_token_idle_s, "s", 60, 3650 * kDay,
               "a refresh token unused for so long is over"},
    SettingRow{"lifetimes", "refresh_token_absolute_s", &S::refresh_token_absolute_s, "s", 60,
               3650 * kDay, "a grant is over after this, however often refreshed"},
    SettingRow{
        "lifetimes", "refresh_replay_grace_s", &S::refresh_replay_grace_s, "s", 0, 600,
        "how long a rotated refresh token may be sent again by a client that missed the reply"},
    SettingRow{"lifetimes", "session_s", &S::session_s, "s", 60, 30 * kDay, "a browser's session"},
    SettingRow{"lifetimes", "password_link_s", &S::password_link_s, "s", 60, 30 * kDay,
               "a link that sets a password"},
    SettingRow{
        "lifetimes", "expired_rows_s", &S::expired_rows_s, "s", 60, 30 * kDay,
        "how long an expired code, token, grant or link is still told apart from an unknown one"},
    SettingRow{
        "lifetimes", "audit_retention_days", &S::audit_retention_days, "days", 0, 36500,
        "rows of the audit log older than this are deleted, whole sealed intervals at a time; 0: "
        "none is"},
    SettingRow{
        "lifetimes", "jwks_max_age_s", &S::jwks_max_age_s, "s", 1, kDay,
        "how long others may keep the JWKS and the metadata (Cache-Control); a new signing key is "
        "published for at least twice as long before it signs"},
    SettingRow{"limits", "user_code_attempts_per_session", &S::user_code_attempts_per_session,
               "guesses", 1, 1000, "wrong user codes a browser may type in guess_window_s"},
    SettingRow{"limits", "user_code_attempts_per_address", &S::user_code_attempts_per_address,
               "guesses", 1, 100000,
               "wrong user codes from one address (IPv6: /64) in guess_window_s"},
    SettingRow{"limits", "guess_window_s", &S::guess_window_s, "s", 10, kDay,
               "window of the guess limits"},
    SettingRow{
        "limits", "password_attempts_per_account", &S::password_attempts_per_account, "guesses", 1,
        1000, "wrong passwords for one account in guess_window_s; then it is locked for that time"},
    SettingRow{"limits", "password_attempts_per_address", &S::password_attempts_per_address,
               "guesses", 1, 1000000, "wrong passwords from one address in guess_window_s"},
    SettingRow{"limits", "user_code_attempts_global", &S::user_code_attempts_global, "guesses", 10,
               100000000,
               "wrong user codes in all in guess_window_s, beyond which /activate asks for the "
               "organization first"},
    SettingRow{"limits", "device_codes_per_client_and_address",
               &S::device_codes_per_client_and_address, "codes", 0, 100000000,
               "live device codes of one client from one address; 0: no limit"},
    SettingRow{"limits", "unknown_device_codes_per_address", &S::unknown_device_codes_per_address,
               "polls/min", 0, 100000000,
               "polls with an unknown device_code from one address; 0: no limit"},
    SettingRow{"limits", "refreshes_per_grant", &S::refreshes_per_grant, "refreshes/min", 0,
               100000000, "refreshes of one grant; 0: no limit"},
    SettingRow{"limits", "refreshes_per_account", &S::refreshes_per_account, "refreshes/min", 0,
               100000000, "refreshes of all grants of one user; 0: no limit"},
    SettingRow{"limits", "assertions_per_client", &S::assertions_per_client, "assertions/min", 1,
               2000, "client assertions (private_key_jwt) of one client"},
    SettingRow{"limits", "sign_ins_per_account", &S::sign_ins_per_account, "sign-ins/min", 1,
               100000000, "sign-ins of one account with the right password"},
    SettingRow{"limits", "approvals_per_account", &S::approvals_per_account, "decisions/min", 1,
               100000000, "device codes that one account approves or refuses"},
    SettingRow{
        "limits", "live_device_codes_per_client", &S::live_device_codes_per_client, "codes", 0,
        100000000,
        "live device codes of one client, of which a network (IPv6: its /32) gets an eighth of "
        "what is free; beyond it 429; 0: no limit"},
    SettingRow{
        "limits", "live_device_codes", &S::live_device_codes, "codes", 0, 100000000,
        "live device codes in all, of which a network (IPv6: its /32) gets a sixteenth of what is "
        "free; beyond it 503; 0: no limit"},
    SettingRow{
        "limits", "grants_per_user", &S::grants_per_user, "grants", 0, 1000000,
        "live grants (devices signed in) of one user; with one more the oldest ends; 0: no limit"},
    SettingRow{"limits", "sessions_per_user", &S::sessions_per_user, "sessions", 0, 1000000,
               "browsers signed in as one user; with one more the oldest ends; 0: no limit"},
};

}  // namespace

std::span<const SettingRow> SettingRows() { return kRows; }

std::string RangeText(const SettingRow& row) {
  return std::to_string(row.least) + " to " + std::to_string(row.most);
}

Status WrongSetting(std::string_view where, std::string_view key, std::string_view why) {
  std::string message(where);
  message.append(": ").append(key).append(" ").append(why);
  return {Code::kInvalid, std::move(message)};
}

Status SetInt(const SettingRow& row, std::int64_t value, std::string_view where,
              Settings* settings) {
  if (value < row.least || value > row.most) {
    return WrongSetting(where, row.name,
                        "is " + std::to_string(value) + ", allowed is " + RangeText(row) + " (" +
                            std::string(row.unit) + ")");
  }
  settings->*std::get<IntMember>(row.member) = value;
  return {};
}

}  // namespace base
