// Each finding of `latchkey doctor`, provoked.
#include "ctl/doctor/checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "ctl/run/nftables.h"

namespace ctl {
namespace {

// A server that stands as it should.
DoctorFacts Healthy() {
  DoctorFacts facts;
  facts.settings.public_url = "https://id.example";
  facts.settings.data_dir = "/srv/latchkey";
  facts.version = "0.1.0";
  facts.now = base::FromUnixMillis(1'795'744'862'000);
  facts.status.writer.alive = true;
  facts.status.writer.state = shm::WriterState::kServing;
  for (const char* name : {"run", "writer", "api", "login", "nginx"}) {
    ServiceProcess service;
    service.name = name;
    service.pid = 1;
    facts.status.services.push_back(service);
  }
  facts.data_dir = FileFact{.path = "/srv/latchkey", .mode = 0750, .owner = 1};
  facts.database = FileFact{.path = "/srv/latchkey/latchkey.db", .mode = 0640, .owner = 1};
  facts.has_master_key = true;
  facts.set_up_at = facts.now - base::seconds(30 * 86400);
  facts.status.last_backup =
      LastBackup{.file = "/mnt/backup.db", .made_at = facts.now - base::seconds(86400)};
  facts.disk_free_bytes = 8ULL << 30U;
  facts.somaxconn = 4096;
  facts.is_clock_synchronized = true;
  facts.processes = {{.name = "api", .descriptor_limit = 65536}};
  facts.sqlite_version = 3'040'001;
  facts.nginx = {.is_readable = true, .where = "nginx -T", .version = "0.1.0", .api_sockets = 4};
  facts.site.url = "https://id.example/.well-known/oauth-authorization-server";
  facts.site.is_https = true;
  facts.site.certificate_ends = facts.now + base::seconds(60 * 86400);
  facts.site.status = 200;
  facts.site.issuer = "https://id.example";
  return facts;
}

// The worst finding of that name after the change.
Finding FindingOf(const std::string& name, const std::function<void(DoctorFacts&)>& change) {
  DoctorFacts facts = Healthy();
  change(facts);
  Finding worst;
  bool is_there = false;
  for (const Finding& finding : Diagnose(facts)) {
    if (finding.name != name) {
      EXPECT_TRUE(finding.level == Level::kOk || name == "any") << finding.name << finding.what;
      continue;
    }
    if (!is_there || finding.level > worst.level) worst = finding;
    is_there = true;
  }
  EXPECT_TRUE(is_there) << name;
  return worst;
}

void ExpectFinding(Level level, const std::string& name, const std::string& word,
                   const std::function<void(DoctorFacts&)>& change) {
  const Finding finding = FindingOf(name, change);
  EXPECT_EQ(finding.level, level) << name << ": " << finding.what;
  EXPECT_NE((finding.what + finding.fix).find(word), std::string::npos)
      << finding.what << " -> " << finding.fix;
  EXPECT_EQ(finding.fix.empty(), level == Level::kOk) << finding.what;
}

TEST(Doctor, FindsNothingWrongWithAHealthyServer) {
  for (const Finding& finding : Diagnose(Healthy())) {
    EXPECT_EQ(finding.level, Level::kOk) << finding.name << ": " << finding.what;
    EXPECT_TRUE(finding.fix.empty()) << finding.name;
  }
}

TEST(Doctor, AServerThatDoesNotServe) {
  ExpectFinding(Level::kFail, "serving", "login",
                [](DoctorFacts& f) { f.status.services[3].pid.reset(); });
  ExpectFinding(Level::kFail, "serving", "silent",
                [](DoctorFacts& f) { f.status.writer.alive = false; });
}

TEST(Doctor, ANameThatDoesNotLeadHere) {
  ExpectFinding(Level::kFail, "host", "DNS", [](DoctorFacts& f) { f.site.error = "no such host"; });
  ExpectFinding(Level::kFail, "host", "proxy_set_header Host",
                [](DoctorFacts& f) { f.site.status = 421; });
  ExpectFinding(Level::kFail, "host", "503", [](DoctorFacts& f) { f.site.status = 503; });
  ExpectFinding(Level::kFail, "host", "https://old.example",
                [](DoctorFacts& f) { f.site.issuer = "https://old.example"; });
}

TEST(Doctor, ACertificate) {
  ExpectFinding(Level::kFail, "tls", "ended",
                [](DoctorFacts& f) { f.site.certificate_ends = f.now - base::seconds(1); });
  ExpectFinding(Level::kWarn, "tls", "certbot renew --dry-run", [](DoctorFacts& f) {
    f.site.certificate_ends = f.now + base::seconds(13 * 86400);
  });
  ExpectFinding(Level::kFail, "tls", "self-signed", [](DoctorFacts& f) {
    f.site.is_trusted = false;
    f.site.trust_error = "self-signed certificate";
  });
  ExpectFinding(Level::kWarn, "tls", "openssl",
                [](DoctorFacts& f) { f.site.certificate_ends.reset(); });
}

TEST(Doctor, PasswordsInClear) {
  const auto clear = [](const std::string& url) {
    return [url](DoctorFacts& f) {
      f.settings.public_url = f.site.issuer = url;
      f.site.is_https = false;
    };
  };
  ExpectFinding(Level::kFail, "tls", "in clear", clear("http://id.example"));
  ExpectFinding(Level::kOk, "tls", "not needed", clear("http://127.0.0.1:8080"));
}

TEST(Doctor, WhomToBelieveWhoTheClientIs) {
  ExpectFinding(Level::kFail, "forwarded", "everybody",
                [](DoctorFacts& f) { f.settings.trusted_proxies = "0.0.0.0/0"; });
  ExpectFinding(Level::kWarn, "forwarded", "X-Forwarded-For",
                [](DoctorFacts& f) { f.nginx.is_of_run = true; });
  ExpectFinding(Level::kOk, "forwarded", "10.0.0.1", [](DoctorFacts& f) {
    f.nginx.is_of_run = true;
    f.settings.trusted_proxies = "10.0.0.1";
  });
}

TEST(Doctor, TablesThatAreNotOurs) {
  ExpectFinding(Level::kFail, "schema", "trigger", [](DoctorFacts& f) {
    f.schema_problem = "the trigger \"t\" on sessions is not Latchkey's";
  });
}

TEST(Doctor, BackupsWithoutAMac) {
  ExpectFinding(Level::kWarn, "backup_key", "latchkey backup FILE",
                [](DoctorFacts& f) { f.backup_key_problem = "it is missing"; });
}

TEST(Doctor, NginxsFiles) {
  ExpectFinding(Level::kWarn, "nginx", "root", [](DoctorFacts& f) { f.nginx.is_readable = false; });
  ExpectFinding(Level::kFail, "nginx", "none", [](DoctorFacts& f) { f.nginx.version = ""; });
  ExpectFinding(Level::kFail, "nginx", "0.0.9", [](DoctorFacts& f) { f.nginx.version = "0.0.9"; });
  ExpectFinding(Level::kFail, "nginx", "api_children",
                [](DoctorFacts& f) { f.settings.api_children = 8; });
}

TEST(Doctor, ReadsVersionAndSocketsOfNginxsText) {
  const NginxFact fact = ReadNginxText(
      "http {\n# latchkey-version 0.1.0\nupstream a {\n server \"unix:/run/l/api-1.sock\";\n"
      " server \"unix:/run/l/api-2.sock\";\n server \"unix:/run/other/api-3.sock\";\n}\n",
      "/run/l");
  EXPECT_TRUE(fact.is_readable);
  EXPECT_EQ(fact.version, "0.1.0");
  EXPECT_EQ(fact.api_sockets, 2);
  EXPECT_FALSE(ReadNginxText("", "/run/l").is_readable);
  EXPECT_EQ(ReadNginxText("http {}", "/run/l").version, "");
}

TEST(Doctor, AClockThatIsWrong) {
  ExpectFinding(Level::kWarn, "clock", "timesyncd",
                [](DoctorFacts& f) { f.is_clock_synchronized = false; });
  ExpectFinding(Level::kFail, "clock", "set back", [](DoctorFacts& f) {
    f.status.writer.started_at_ms = base::ToUnixMillis(f.now) + 3600 * 1000;
  });
}

TEST(Doctor, RightsOfFiles) {
  ExpectFinding(Level::kFail, "files", "latchkey init", [](DoctorFacts& f) { f.data_dir.reset(); });
  ExpectFinding(Level::kFail, "files", "chmod o=", [](DoctorFacts& f) { f.data_dir->mode = 0755; });
  ExpectFinding(Level::kFail, "files", "chmod u=rw",
                [](DoctorFacts& f) { f.database->mode = 0644; });
  ExpectFinding(Level::kFail, "files", "chmod u=rw",
                [](DoctorFacts& f) { f.database->mode = 0660; });
  ExpectFinding(Level::kFail, "files", "chown", [](DoctorFacts& f) { f.database->owner = 0; });
  ExpectFinding(Level::kWarn, "files", "first start", [](DoctorFacts& f) { f.database.reset(); });
}

TEST(Doctor, TheMasterKey) {
  ExpectFinding(Level::kFail, "master_key", "chmod 600",
                [](DoctorFacts& f) { f.master_key_problem = "others than its owner may use it"; });
  ExpectFinding(Level::kFail, "master_key", "keys rotate --now",
                [](DoctorFacts& f) { f.signing_keys_problem = "it does not open 2 of the 2"; });
  ExpectFinding(Level::kFail, "master_key", "backup", [](DoctorFacts& f) {
    f.master_key_problem = "not there";
    f.has_master_key = false;
  });
}

TEST(Doctor, ADiskThatFills) {
  ExpectFinding(Level::kFail, "disk", "make room",
                [](DoctorFacts& f) { f.disk_free_bytes = 100ULL << 20U; });
  ExpectFinding(Level::kWarn, "disk", "make room",
                [](DoctorFacts& f) { f.disk_free_bytes = 500ULL << 20U; });
  ExpectFinding(Level::kFail, "disk", "mounted", [](DoctorFacts& f) { f.disk_free_bytes.reset(); });
}

TEST(Doctor, LogsOfNginxThatNobodyRotates) {
  ExpectFinding(Level::kWarn, "logs", "latchkey-logrotate.timer", [](DoctorFacts& f) {
    f.logs = {{"/var/log/latchkey/access.log", 1000}, {"/var/log/latchkey/error.log", 2ULL << 30U}};
  });
  ExpectFinding(Level::kOk, "logs", "rotated", [](DoctorFacts& f) {
    f.logs = {{"/var/log/latchkey/access.log", 400ULL << 20U}};
  });
}

TEST(Doctor, NoBackupForTwoDays) {
  ExpectFinding(Level::kWarn, "backup", "latchkey-backup.timer", [](DoctorFacts& f) {
    f.status.last_backup->made_at = f.now - base::seconds(3 * 86400);
  });
  ExpectFinding(Level::kWarn, "backup", "latchkey-backup.timer",
                [](DoctorFacts& f) { f.status.last_backup.reset(); });
  EXPECT_EQ(FindingOf("backup",
                      [](DoctorFacts& f) {
                        f.status.last_backup.reset();
                        f.set_up_at = f.now - base::seconds(3600);
                      })
                .level,
            Level::kOk);
}

TEST(Doctor, ALogThatGrows) {
  ExpectFinding(Level::kWarn, "wal", "fuser",
                [](DoctorFacts& f) { f.status.writer.wal_frames = 9000; });
  ExpectFinding(Level::kFail, "wal", "refused",
                [](DoctorFacts& f) { f.status.writer.wal_frames = 17000; });
}

TEST(Doctor, LimitsOfTheKernel) {
  ExpectFinding(Level::kWarn, "backlog", "sysctl", [](DoctorFacts& f) { f.somaxconn = 128; });
  ExpectFinding(Level::kWarn, "backlog", "/proc", [](DoctorFacts& f) { f.somaxconn.reset(); });
  ExpectFinding(Level::kWarn, "descriptors", "LimitNOFILE", [](DoctorFacts& f) {
    f.processes.push_back({"nginx", 1024});
  });
  ExpectFinding(Level::kWarn, "descriptors", "start the server",
                [](DoctorFacts& f) { f.processes.clear(); });
}

TEST(Doctor, TheVersionOfSqlite) {
  ExpectFinding(Level::kFail, "sqlite", "STRICT",
                [](DoctorFacts& f) { f.sqlite_version = 3'034'001; });
  ExpectFinding(Level::kOk, "sqlite", "savepoint", [](DoctorFacts&) {});
  ExpectFinding(Level::kOk, "sqlite", "WAL-reset",
                [](DoctorFacts& f) { f.sqlite_version = 3'046'001; });
  const Finding newest = FindingOf("sqlite", [](DoctorFacts& f) { f.sqlite_version = 3'051'003; });
  EXPECT_EQ(newest.what, "SQLite 3.51.3");
}

TEST(Doctor, NamesVariablesThatSetNothing) {
  const auto change = [](DoctorFacts& facts) {
    const base::UnknownVariable typo{.name = "LATCHKEY_POTR", .nearest = "LATCHKEY_PORT"};
    facts.variables = {{.variable = typo, .where = "writer"}, {.variable = typo, .where = "api"}};
  };
  ExpectFinding(Level::kWarn, "environment", "did you mean LATCHKEY_PORT? (writer, api)", change);
}

TEST(Doctor, MissesTheBoundOfConnectionsBelowNginx) {
  const auto with = [](bool is_readable, bool is_loaded, const std::string& mark) {
    return [=](DoctorFacts& facts) {
      facts.nftables = NftablesFact{.is_readable = is_readable,
                                    .is_loaded = is_loaded,
                                    .mark = mark.empty() ? NftablesMark(facts.settings) : mark};
    };
  };
  ExpectFinding(Level::kOk, "nftables", "bounded", with(true, true, ""));
  ExpectFinding(Level::kWarn, "nftables", "enable --now latchkey-nftables", with(true, false, ""));
  ExpectFinding(Level::kWarn, "nftables", "reload", with(true, true, "latchkey 0123456789abcdef"));
  ExpectFinding(Level::kWarn, "nftables", "as root", with(false, false, ""));
}

TEST(Doctor, AsksForBoundsBelowNginxOnlyWhereStrangersReachAnInstallation) {
  base::Settings settings;
  settings.public_url = "https://id.example";
  settings.run_dir = "/run/latchkey";
  EXPECT_TRUE(IsInstalledInPublic(settings));
  settings.run_dir = "/srv/latchkey/run";
  EXPECT_FALSE(IsInstalledInPublic(settings));
  settings.run_dir = "/run/latchkey";
  settings.public_url = "http://127.0.0.1:8080";
  EXPECT_FALSE(IsInstalledInPublic(settings));
}

}  // namespace
}  // namespace ctl
