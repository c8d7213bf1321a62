#include "ctl/doctor/facts.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/os/file.h"
#include "base/os/owner.h"
#include "base/processes.h"
#include "base/url.h"
#include "crypto/crypto.h"
#include "ctl/command.h"
#include "ctl/keys/key_check.h"
#include "ctl/run/nginx_config.h"
#include "ctl/run/nginx_site.h"
#include "ctl/status/process_info.h"
#include "store/backup/backup_check.h"
#include "store/sqlite_status.h"

namespace ctl {

namespace {

constexpr std::string_view kVersionMark = "# latchkey-version ";
constexpr std::size_t kMostOutputBytes = 4 * 1024 * 1024;

std::optional<FileFact> Look(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileFact{.path = path, .mode = info.st_mode & 07777U, .owner = info.st_uid};
}

std::optional<std::int64_t> ReadNumber(const std::string& path) {
  const auto text = base::ReadWholeFile(path);
  if (!text.ok()) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

// proc(5): "Max open files            1024                 524288               files"; 0: no number there.
std::int64_t HardLimitOf(std::string_view line) {
  line = line.substr(0, line.rfind("files"));
  line = line.substr(0, line.find_last_not_of(' ') + 1);
  return base::ParseNumber<std::int64_t>(line.substr(line.rfind(' ') + 1)).value_or(0);
}

std::int64_t HardDescriptorLimit(pid_t pid) {
  const base::AsCaller caller;
  const auto text = base::ReadWholeFile("/proc/" + std::to_string(pid) + "/limits");
  if (!text.ok()) return 0;
  const std::size_t at = text->find("Max open files");
  if (at == std::string::npos) return 0;
  const std::string_view rest = std::string_view(*text).substr(at);
  return HardLimitOf(rest.substr(0, rest.find('\n')));
}

std::vector<ProcessFact> LookAtProcesses(const base::Settings& settings) {
  const auto all = ListProcesses();
  std::vector<ProcessFact> facts;
  for (const base::Process& row : base::kProcesses) {
    if (!row.holds_clients) continue;
    const std::string service(row.name);
    for (const ProcessInfo& process : ServiceFamily(settings, all, service)) {
      const std::int64_t limit = HardDescriptorLimit(process.pid);
      if (limit > 0) facts.push_back({.name = service, .descriptor_limit = limit});
    }
  }
  return facts;
}

void LookAtVariables(DoctorFacts* facts) {
  const auto look = [facts](std::vector<std::string> environment, const std::string& where) {
    for (base::UnknownVariable& variable : base::FindUnknownVariables(environment)) {
      facts->variables.push_back({.variable = std::move(variable), .where = where});
    }
  };
  look(base::OwnEnvironment(), "this command");
  for (const ServiceProcess& service : facts->status.services) {
    if (service.pid) look(ReadEnvironment(*service.pid), service.name);
  }
}

void LookAtKey(const base::Settings& settings, DoctorFacts* facts) {
  facts->has_master_key = Look(settings.MasterKeyPath()).has_value();
  const auto key = crypto::MasterKey::Load(settings.MasterKeyPath());
  if (!key.ok()) {
    facts->master_key_problem = key.error().message();
    return;
  }
  const base::Status opens = CheckKeyOpens(*key, settings.DatabasePath());
  if (opens.code() == base::Code::kConflict) facts->signing_keys_problem = opens.message();
}

void LookAtSchema(const base::Settings& settings, DoctorFacts* facts) {
  const base::Status status = store::CheckSchemaOf(settings.DatabasePath());
  const bool is_wrong =
      status.code() == base::Code::kCorrupt || status.code() == base::Code::kInvalid;
  if (is_wrong) facts->schema_problem = status.message();
}

void LookAtBackupKey(const base::Settings& settings, DoctorFacts* facts) {
  const std::string path = crypto::BackupKeyPath(settings.data_dir);
  const auto kept = crypto::BackupKey::Load(path);
  if (!kept.ok()) {
    facts->backup_key_problem = kept.error().message();
    return;
  }
  const auto master = crypto::MasterKey::Load(settings.MasterKeyPath());
  if (!master.ok() || crypto::BackupKey::Of(*master).Equals(*kept)) return;
  facts->backup_key_problem = path + " is not what the master key gives";
}

std::optional<base::Time> ModifiedAt(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return base::FromUnixMillis(1000 * info.st_mtim.tv_sec);
}

void LookAtDisk(const base::Settings& settings, DoctorFacts* facts) {
  struct statvfs info {};
  if (::statvfs(settings.data_dir.c_str(), &info) != 0) return;
  facts->disk_free_bytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

std::optional<bool> IsClockSynchronized() {
  timex state{};
  const int answer = ::adjtimex(&state);
  if (answer < 0) return std::nullopt;
  return answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

// The files that `latchkey run` wrote, one after another.
std::string ReadRunFolder(const base::Settings& settings) {
  std::string text;
  std::error_code error;
  std::filesystem::directory_iterator entries(NginxFolder(settings), error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (entries->path().extension() != ".conf") continue;
    if (const auto file = base::ReadWholeFile(entries->path().string()); file.ok()) text += *file;
  }
  return text;
}

std::string OutputOf(const char* command) {
  const base::AsCaller caller;
  struct PipeCloser {
    void operator()(FILE* pipe) const { ::pclose(pipe); }
  };
  // A shell, for a line of ours without a word of anybody else's.
  const std::unique_ptr<FILE, PipeCloser> pipe(::popen(command, "re"));  // NOLINT(cert-env33-c)
  std::string text;
  std::array<char, 4096> buffer{};
  while (pipe != nullptr && text.size() < kMostOutputBytes) {
    const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get());
    if (size == 0) break;
    text.append(buffer.data(), size);
  }
  return text;
}

// All that the machine's own nginx reads; empty: no nginx, or not ours to ask (its keys are read too).
std::string AskNginx() { return OutputOf("timeout 5 nginx -T 2>/dev/null"); }

// Without the elements of its sets, which a flood makes many.
NftablesFact LookAtNftables() {
  const std::string text = OutputOf("timeout 5 nft --terse list table inet latchkey 2>&1");
  NftablesFact fact{
      .is_readable = ::getuid() == 0, .is_loaded = text.starts_with("table "), .mark = {}};
  constexpr std::string_view kComment = "comment \"";
  const std::size_t at = fact.is_loaded ? text.find(kComment) : std::string::npos;
  if (at == std::string::npos) return fact;
  const std::size_t begin = at + kComment.size();
  fact.mark = text.substr(begin, text.find('"', begin) - begin);
  return fact;
}

// Those of the site, where `latchkey nginx-site` puts them.
std::vector<LogFact> LookAtLogs() {
  std::vector<LogFact> facts;
  for (const std::string_view log : {kInstalledAccessLog, kInstalledErrorLog}) {
    struct stat info {};
    std::string path(log);
    if (::stat(path.c_str(), &info) != 0) continue;
    facts.push_back({.path = std::move(path), .bytes = static_cast<std::uint64_t>(info.st_size)});
  }
  return facts;
}

NginxFact LookAtNginx(const base::Settings& settings) {
  const std::string own = ReadRunFolder(settings);
  const std::string text = own.empty() ? AskNginx() : own;
  NginxFact fact = ReadNginxText(text, settings.run_dir);
  fact.is_of_run = !own.empty();
  fact.where = own.empty() ? "nginx -T" : NginxFolder(settings);
  return fact;
}

}  // namespace

NginxFact ReadNginxText(const std::string& text, const std::string& run_dir) {
  NginxFact fact;
  fact.is_readable = !text.empty();
  if (const std::size_t mark = text.find(kVersionMark); mark != std::string::npos) {
    const std::size_t begin = mark + kVersionMark.size();
    fact.version = text.substr(begin, text.find_first_of(" \n", begin) - begin);
  }
  const std::string socket = "unix:" + run_dir + "/api-";
  for (std::size_t at = text.find(socket); at != std::string::npos;
       at = text.find(socket, at + 1)) {
    ++fact.api_sockets;
  }
  return fact;
}

bool IsInstalledInPublic(const base::Settings& settings) {
  return settings.run_dir == kInstalledRunDir &&
         !base::IsLoopback(base::SplitUrl(settings.public_url).host);
}

DoctorFacts GatherFacts(const base::Settings& settings) {
  DoctorFacts facts;
  facts.settings = settings;
  facts.version = kVersion;
  facts.now = base::SystemClock().Now();
  facts.status = GatherStatus(settings);
  facts.data_dir = Look(settings.data_dir);
  facts.database = Look(settings.DatabasePath());
  facts.set_up_at = ModifiedAt(settings.MasterKeyPath());
  LookAtSchema(settings, &facts);
  LookAtKey(settings, &facts);
  LookAtBackupKey(settings, &facts);
  LookAtDisk(settings, &facts);
  facts.somaxconn = ReadNumber("/proc/sys/net/core/somaxconn");
  facts.is_clock_synchronized = IsClockSynchronized();
  facts.processes = LookAtProcesses(settings);
  LookAtVariables(&facts);
  facts.sqlite_version = store::SqliteVersionNumber();
  facts.nginx = LookAtNginx(settings);
  if (IsInstalledInPublic(settings)) facts.nftables = LookAtNftables();
  if (settings.run_dir == kInstalledRunDir) facts.logs = LookAtLogs();
  facts.site = AskSite(settings.public_url);
  return facts;
}

}  // namespace ctl
