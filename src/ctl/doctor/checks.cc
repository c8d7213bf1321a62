#include "ctl/doctor/checks.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <map>

#include "base/rfc3339.h"
#include "base/url.h"
#include "ctl/print/text.h"
#include "ctl/run/nftables.h"
#include "supervisor/environment.h"

namespace ctl {

namespace {

using Findings = std::vector<Finding>;

constexpr std::int64_t kOtherDescriptors = 64;
constexpr std::int64_t kFrameBytes = 4096 + 24;
constexpr std::uint64_t kLeastFreeBytes = 200ULL << 20U;
constexpr std::uint64_t kGoodFreeBytes = 1ULL << 30U;
constexpr std::uint64_t kUnrotatedBytes = 1ULL << 30U;  // a minute's flood beyond `maxsize`, thrice
constexpr base::seconds kCertificateSoon{14 * 86400};
constexpr base::seconds kClockSlack{60};
constexpr std::int64_t kLeastSqlite = 3037000;  // STRICT tables
constexpr std::int64_t kLastRacySqlite = 3051002;

Finding Ok(std::string name, std::string what) {
  return {.level = Level::kOk, .name = std::move(name), .what = std::move(what), .fix = {}};
}
Finding Warn(std::string name, std::string what, std::string fix) {
  return {Level::kWarn, std::move(name), std::move(what), std::move(fix)};
}
Finding Fail(std::string name, std::string what, std::string fix) {
  return {Level::kFail, std::move(name), std::move(what), std::move(fix)};
}

// ---- processes ----

// One finding a variable, with all that have it; none where all are known.
Findings CheckVariables(const DoctorFacts& facts) {
  Findings findings;
  std::map<std::string, std::string> places;  // by what there is to say
  for (const VariableFact& fact : facts.variables) {
    std::string& where = places[base::Describe(fact.variable)];
    where += (where.empty() ? "" : ", ") + fact.where;
  }
  for (const auto& [what, where] : places) {
    findings.push_back(Warn("environment", what + " (" + where + ")",
                            "name it rightly or take it away: in the shell, or in Environment= and "
                            "EnvironmentFile= of the unit"));
  }
  return findings;
}

Finding CheckServing(const DoctorFacts& facts) {
  const StatusReport& status = facts.status;
  if (status.serving()) return Ok("serving", "writer and both pools run");
  const std::string state(StateWord(status.writer));
  std::string missing;
  for (const ServiceProcess& service : status.services) {
    if (!service.pid && service.name != "run") missing += " " + service.name;
  }
  return Fail(
      "serving", "the writer is " + state + (missing.empty() ? "" : "; not running:" + missing),
      "latchkey run, or systemctl status 'latchkey-*'; the log's last lines say why it ended");
}

Finding CheckDescriptors(const DoctorFacts& facts) {
  const std::int64_t wanted = facts.settings.connections_per_child + kOtherDescriptors;
  const ProcessFact* least = nullptr;
  for (const ProcessFact& process : facts.processes) {
    if (least == nullptr || process.descriptor_limit < least->descriptor_limit) least = &process;
  }
  if (least == nullptr)
    return Warn("descriptors", "no process to look at", "start the server first");
  std::string what = fmt::format("{} may open {} files", least->name, least->descriptor_limit);
  if (least->descriptor_limit >= wanted) return Ok("descriptors", std::move(what));
  return Warn("descriptors", fmt::format("{}, connections_per_child wants {}", what, wanted),
              fmt::format("LimitNOFILE={} in the unit, or ulimit -Hn before latchkey run", wanted));
}

Finding CheckBacklog(const DoctorFacts& facts) {
  if (!facts.somaxconn)
    return Warn("backlog", "net.core.somaxconn cannot be read", "is /proc there?");
  if (*facts.somaxconn >= supervisor::kListenBacklog) {
    return Ok("backlog", fmt::format("net.core.somaxconn is {}", *facts.somaxconn));
  }
  return Warn(
      "backlog",
      fmt::format("net.core.somaxconn is {}: a burst of connections is turned away with 503",
                  *facts.somaxconn),
      fmt::format("sysctl -w net.core.somaxconn={}, and the same in /etc/sysctl.d/",
                  supervisor::kListenBacklog));
}

// ---- files ----

Finding CheckMasterKey(const DoctorFacts& facts) {
  const std::string path = facts.settings.MasterKeyPath();
  if (!facts.signing_keys_problem.empty()) {
    return Fail(
        "master_key", facts.signing_keys_problem,
        "put the right " + path + " in its place; where it is lost: latchkey keys rotate --now");
  }
  if (facts.master_key_problem.empty()) return Ok("master_key", path + " is there, and private");
  return Fail("master_key", facts.master_key_problem,
              facts.has_master_key
                  ? "chmod 600 " + path + "; run this as its owner or root"
                  : "restore it from its backup: nothing can be signed without it");
}

Findings CheckFiles(const DoctorFacts& facts) {
  if (!facts.data_dir) {
    return {Fail("files", facts.settings.data_dir + " is not there",
                 "latchkey init, or --data DIR for another folder")};
  }
  Findings findings;
  if ((facts.data_dir->mode & 0007U) != 0) {
    findings.push_back(Fail("files",
                            fmt::format("everybody may enter {} (mode {:o})", facts.data_dir->path,
                                        facts.data_dir->mode),
                            "chmod o= " + facts.data_dir->path));
  }
  if (!facts.database) {
    findings.push_back(Warn("files", facts.settings.DatabasePath() + " is not there yet",
                            "the writer makes it at its first start"));
  } else if ((facts.database->mode & 0027U) != 0) {
    findings.push_back(
        Fail("files",
             fmt::format("others than the writer may write {}, or everybody may read "
                         "it (mode {:o})",
                         facts.database->path, facts.database->mode),
             "chmod u=rw,g=r,o= " + facts.database->path + "*"));
  } else if (facts.database->owner != facts.data_dir->owner) {
    findings.push_back(
        Fail("files", facts.database->path + " belongs to another user than its folder",
             "chown --reference=" + facts.data_dir->path + " " + facts.database->path + "*"));
  }
  if (findings.empty()) findings.push_back(Ok("files", "folder and database are private"));
  return findings;
}

Finding CheckBackupKey(const DoctorFacts& facts) {
  if (facts.backup_key_problem.empty()) return Ok("backup_key", "new backups get a MAC");
  return Warn("backup_key", facts.backup_key_problem + ": new backups are not authenticated",
              "latchkey backup FILE, as root or as the owner of the data, makes it");
}

Finding CheckSchema(const DoctorFacts& facts) {
  if (!facts.database) return Ok("schema", "no database yet");
  if (facts.schema_problem.empty()) return Ok("schema", "the tables are this program's");
  return Fail("schema", facts.schema_problem,
              "stop the server; keep a copy of the file; latchkey verify the backups, restore the "
              "newest good one");
}

Finding CheckDisk(const DoctorFacts& facts) {
  if (!facts.disk_free_bytes) {
    return Fail("disk", "no disk to look at under " + facts.settings.data_dir, "is it mounted?");
  }
  std::string what = BytesText(*facts.disk_free_bytes) + " free";
  const std::string fix =
      "make room: old logs and backups first; `latchkey status` shows the sizes";
  if (*facts.disk_free_bytes < kLeastFreeBytes) return Fail("disk", std::move(what), fix);
  if (*facts.disk_free_bytes < kGoodFreeBytes) return Warn("disk", std::move(what), fix);
  return Ok("disk", std::move(what));
}

Findings CheckNginxLogs(const DoctorFacts& facts) {
  if (facts.logs.empty()) return {};
  for (const LogFact& log : facts.logs) {
    if (log.bytes < kUnrotatedBytes) continue;
    return {Warn("logs", log.path + " has " + BytesText(log.bytes) + ": nobody bounds it",
                 "systemctl status latchkey-logrotate.timer latchkey-logrotate.service; it starts "
                 "with latchkey.target and needs logrotate (apt install logrotate)")};
  }
  return {Ok("logs", "nginx's logs are rotated by their size")};
}

// A day and a night's grace: the timer of the package is daily.
Finding CheckBackup(const DoctorFacts& facts) {
  constexpr base::seconds kMostAge{2 * 86400};
  const std::string fix =
      "systemctl enable --now latchkey-backup.timer, or every day: latchkey backup FOLDER --keep "
      "14";
  const auto& last = facts.status.last_backup;
  if (!last) {
    const bool is_new = facts.set_up_at && facts.now - *facts.set_up_at <= kMostAge;
    return is_new ? Ok("backup", "none yet") : Warn("backup", "none is known of", fix);
  }
  const auto age = std::chrono::floor<base::seconds>(facts.now - last->made_at);
  std::string what = "the last one was made at " + base::Rfc3339(last->made_at);
  if (age <= kMostAge) return Ok("backup", std::move(what));
  return Warn("backup", what + ", " + DurationText(age) + " ago", fix);
}

Finding CheckLog(const DoctorFacts& facts) {
  const std::int64_t limit = facts.settings.wal_limit_mb << 20;
  const auto bytes = static_cast<std::int64_t>(facts.status.writer.wal_frames) * kFrameBytes;
  std::string what =
      fmt::format("{} frames of at most {}", facts.status.writer.wal_frames, limit / kFrameBytes);
  const std::string fix =
      "somebody keeps a snapshot open: fuser -v latchkey.db shows who; end that process";
  if (bytes >= limit) return Fail("wal", what + ": writes are refused", fix);
  if (bytes >= limit / 2) return Warn("wal", std::move(what), fix);
  return Ok("wal", std::move(what));
}

Finding CheckSqlite(const DoctorFacts& facts) {
  const std::int64_t number = facts.sqlite_version;
  const std::string version =
      fmt::format("SQLite {}.{}.{}", number / 1000000, number / 1000 % 1000, number % 1000);
  if (number < kLeastSqlite) {
    return Fail("sqlite", version + " has no STRICT tables", "Debian 12 or later");
  }
  if (number > kLastRacySqlite) return Ok("sqlite", version);
  std::string known = ": has the WAL-reset race (never met: one connection writes and checkpoints)";
  if (number <= 3040001) {
    known += ", the UPSERT index bug and the savepoint spill bug (neither is used)";
  }
  return Ok("sqlite", version + known + "; open the database with nothing else for writing");
}

// ---- time ----

Findings CheckClock(const DoctorFacts& facts) {
  Findings findings;
  const base::Time started = base::FromUnixMillis(facts.status.writer.started_at_ms);
  if (started > facts.now + kClockSlack) {
    findings.push_back(Fail(
        "clock",
        "the writer started in the future (" + base::Rfc3339(started) + "): the clock was set back",
        "set the clock right, then restart: tokens and codes end by it"));
  }
  if (facts.is_clock_synchronized == std::optional(false)) {
    findings.push_back(Warn("clock", "the kernel says that nobody sets the clock",
                            "apt install systemd-timesyncd (or chrony); timedatectl tells"));
  }
  if (findings.empty()) findings.push_back(Ok("clock", "synchronized"));
  return findings;
}

// ---- nginx and the way to it ----

Finding CheckNginx(const DoctorFacts& facts) {
  const NginxFact& nginx = facts.nginx;
  if (!nginx.is_readable) {
    return Warn("nginx", "its configuration cannot be read", "run this as root: it asks nginx -T");
  }
  if (nginx.version.empty()) {
    return Fail("nginx", nginx.where + " includes none of Latchkey's files",
                "put the site file in place (docs/install.md, 3.), nginx -t, reload");
  }
  if (nginx.version != facts.version) {
    return Fail(
        "nginx",
        nginx.where + " has the files of version " + nginx.version + ", this is " + facts.version,
        "restart latchkey run, or print the site anew (latchkey nginx-site) and reload nginx");
  }
  if (nginx.api_sockets != facts.settings.api_children) {
    return Fail("nginx",
                fmt::format("{} names {} sockets of the api pool, api_children is {}", nginx.where,
                            nginx.api_sockets, facts.settings.api_children),
                "make them agree: print the site anew (latchkey nginx-site), reload nginx");
  }
  return Ok("nginx", nginx.where + " has the files of this version");
}

Findings CheckNftables(const DoctorFacts& facts) {
  if (!facts.nftables) return {};
  const NftablesFact& nftables = *facts.nftables;
  if (!nftables.is_readable) {
    return {Warn("nftables", "whether connections are bounded below nginx is not known",
                 "run this as root: it asks nft")};
  }
  if (!nftables.is_loaded) {
    return {
        Warn("nftables",
             "one address can take all of nginx's places with connections that send nothing whole",
             "apt install nftables; systemctl enable --now latchkey-nftables.service")};
  }
  if (nftables.mark != NftablesMark(facts.settings)) {
    return {Warn("nftables", "the loaded table has other numbers than the settings make",
                 "systemctl reload latchkey-nftables.service")};
  }
  return {Ok("nftables", "connections of each address are bounded below nginx")};
}

Finding CheckForwarding(const DoctorFacts& facts) {
  const std::string& proxies = facts.settings.trusted_proxies;
  if (proxies.find("/0") != std::string::npos) {
    return Fail("forwarded", "trusted_proxies is everybody: anyone chooses their address",
                "name the proxies' addresses alone");
  }
  // The nginx of `latchkey run` speaks no TLS.
  if (facts.site.is_https && proxies.empty() && facts.nginx.is_of_run) {
    return Warn("forwarded",
                "something else speaks TLS, and all clients share the limits of its address",
                "trusted_proxies = \"ADDRESS of it\", which must set X-Forwarded-For");
  }
  return Ok("forwarded", proxies.empty() ? "the client is whoever connects"
                                         : "X-Forwarded-For is believed of " + proxies);
}

Finding CheckHost(const DoctorFacts& facts) {
  const SiteFact& site = facts.site;
  if (!site.error.empty()) {
    return Fail("host", site.url + " does not answer: " + site.error,
                "DNS, firewall, nginx; from another machine: curl -i " + site.url);
  }
  if (site.status == 421) {
    return Fail(
        "host", site.url + " is answered 421: the name does not arrive",
        "a proxy in front must pass Host on (proxy_set_header Host $host), or public_url is "
        "another name");
  }
  if (site.status != 200) {
    return Fail("host", fmt::format("{} is answered {}", site.url, site.status),
                "curl -i " + site.url + ", then latchkey explain with its X-Request-Id");
  }
  if (site.issuer != facts.settings.public_url) {
    return Fail("host", site.url + " names the issuer " + (site.issuer.empty() ? "-" : site.issuer),
                "another server answers there, or public_url changed without a restart");
  }
  return Ok("host", site.url + " answers as this issuer");
}

Finding CheckTls(const DoctorFacts& facts) {
  const SiteFact& site = facts.site;
  const std::string_view host = base::SplitUrl(facts.settings.public_url).host;
  if (!site.is_https) {
    const bool is_local = host == "127.0.0.1" || host == "localhost" || host == "[::1]";
    if (is_local) return Ok("tls", "not needed on this machine alone");
    return Fail("tls", facts.settings.public_url + " sends passwords and tokens in clear",
                "a certificate (certbot), then public_url = \"https://…\"");
  }
  if (!site.is_trusted) {
    return Fail("tls", "the certificate is not trusted: " + site.trust_error,
                "certbot renew; the chain must be whole (fullchain.pem); the name must be in it");
  }
  if (!site.certificate_ends) {
    return Warn("tls", "when the certificate ends is not known",
                "openssl s_client -connect HOST:443 </dev/null | openssl x509 -enddate");
  }
  const std::string ends = base::Rfc3339(*site.certificate_ends);
  if (*site.certificate_ends <= facts.now) {
    return Fail("tls", "the certificate ended at " + ends, "certbot renew, then reload nginx");
  }
  if (*site.certificate_ends - facts.now < kCertificateSoon) {
    return Warn("tls", "the certificate ends at " + ends,
                "certbot renew --dry-run says what keeps it from being renewed");
  }
  return Ok("tls", "the certificate is good until " + ends);
}

void Append(Findings more, Findings* all) {
  for (Finding& finding : more) all->push_back(std::move(finding));
}

}  // namespace

std::vector<Finding> Diagnose(const DoctorFacts& facts) {
  Findings findings{CheckServing(facts), CheckHost(facts), CheckTls(facts), CheckForwarding(facts),
                    CheckNginx(facts)};
  Append(CheckNftables(facts), &findings);
  Append(CheckVariables(facts), &findings);
  Append(CheckClock(facts), &findings);
  Append(CheckFiles(facts), &findings);
  findings.push_back(CheckSchema(facts));
  findings.push_back(CheckMasterKey(facts));
  findings.push_back(CheckBackupKey(facts));
  findings.push_back(CheckDisk(facts));
  Append(CheckNginxLogs(facts), &findings);
  findings.push_back(CheckBackup(facts));
  findings.push_back(CheckLog(facts));
  findings.push_back(CheckBacklog(facts));
  findings.push_back(CheckDescriptors(facts));
  findings.push_back(CheckSqlite(facts));
  return findings;
}

}  // namespace ctl
