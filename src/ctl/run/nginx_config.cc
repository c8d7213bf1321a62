#include "ctl/run/nginx_config.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>
#include <utility>

#include "base/os/file.h"
#include "base/text.h"
#include "base/url.h"
#include "ctl/command.h"
#include "ctl/run/nginx_routes.h"
#include "nginx_files.h"
#include "supervisor/environment.h"
#include "supervisor/run_files.h"

namespace ctl {

namespace {

constexpr std::int64_t kSpareDescriptors = 64;    // logs, sockets, configuration
constexpr std::int64_t kSpareConnections = 1024;  // closing ones, probes
constexpr std::int64_t kReserveShare = 4;         // of the clients; kept for tokens (http.conf)
constexpr std::int64_t kLeastWorkers = 2;
constexpr std::int64_t kMostWorkers = 64;
// How long nginx keeps a connection without a request. A proxy must be the one that closes (their own times are 60 s at
// most), or it sends a request into a closing one; everybody else's idle ones are memory.
constexpr std::string_view kKept = "15s";
constexpr std::string_view kKeptOfProxies = "65s";
constexpr std::string_view kMeaningInQuotes = "\"\\$\n\r";
constexpr std::string_view kMeaningInWords = "\"\\$\n\r\t ;{}'#*~";

std::int64_t RoundedUp(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

base::Status CheckNone(std::string_view what, std::string_view text, std::string_view not_these) {
  if (text.find_first_of(not_these) == std::string_view::npos) return {};
  return {base::Code::kInvalid, std::string(what) + " " + std::string(text) +
                                    " has a character that nginx's configuration cannot hold "
                                    "(a quote, $, backslash): choose another"};
}

std::string ApiServers(const base::Settings& settings) {
  std::string lines;
  for (std::int64_t i = 1; i <= settings.api_children; ++i) {
    if (i > 1) lines.push_back('\n');
    lines += "  server \"unix:" + settings.RunPath("api-" + std::to_string(i) + ".sock") +
             "\" max_fails=0;";
  }
  return lines;
}

std::string ListenLines(const std::vector<std::string>& listen) {
  std::string lines;
  for (const std::string& address : listen) {
    if (!lines.empty()) lines.push_back('\n');
    lines += "    listen " + address + " backlog=" + std::to_string(supervisor::kListenBacklog) +
             " reuseport;";
  }
  return lines;
}

// One limit of requests a second; a rate of 0 is none.
struct RateLimit {
  std::string_view zone;
  std::string_view key;  // a variable of http.conf; empty in a request: no limit for it
  std::int64_t rate;
  std::int64_t burst;
};

RateLimit RequestLimit(const base::Settings& settings) {
  const std::int64_t rate = settings.requests_per_second_per_address;
  return {
      .zone = "latchkey_addresses", .key = "$latchkey_own_net", .rate = rate, .burst = 2 * rate};
}

RateLimit SiteRequestLimit(const base::Settings& settings) {
  const std::int64_t rate = kSiteShare * settings.requests_per_second_per_address;
  return {.zone = "latchkey_sites", .key = "$latchkey_own_site", .rate = rate, .burst = 2 * rate};
}

// Of a bound that pages of other sites have a part of; 0 stays none.
std::int64_t ForeignPart(std::int64_t bound) {
  return bound == 0 ? 0 : std::max<std::int64_t>(1, bound / kForeignShare);
}

RateLimit ForeignLimit(const base::Settings& settings) {
  const std::int64_t rate = ForeignPart(settings.requests_per_second_per_address);
  return {.zone = "latchkey_alien", .key = "$latchkey_alien_net", .rate = rate, .burst = 2 * rate};
}

RateLimit ForeignSiteLimit(const base::Settings& settings) {
  const std::int64_t rate = ForeignPart(kSiteShare * settings.requests_per_second_per_address);
  return {.zone = "latchkey_alien_sites",
          .key = "$latchkey_alien_site",
          .rate = rate,
          .burst = 2 * rate};
}

RateLimit PasswordLimit(const base::Settings& settings) {
  const std::int64_t rate = settings.passwords_per_second_per_address;
  return {.zone = "latchkey_passwords",
          .key = "$latchkey_password_net",
          .rate = rate,
          .burst = 10 * rate};
}

RateLimit SitePasswordLimit(const base::Settings& settings) {
  const std::int64_t rate = settings.passwords_per_second_per_site;
  return {.zone = "latchkey_passwords_of_site",
          .key = "$latchkey_password_site",
          .rate = rate,
          .burst = 2 * rate};
}

// In the order in which nginx asks them.
std::array<RateLimit, 6> RateLimits(const base::Settings& settings) {
  return {RequestLimit(settings),     SiteRequestLimit(settings), ForeignLimit(settings),
          ForeignSiteLimit(settings), PasswordLimit(settings),    SitePasswordLimit(settings)};
}

std::string ZoneLine(const RateLimit& limit) {
  if (limit.rate == 0) return "";
  return "limit_req_zone " + std::string(limit.key) + " zone=" + std::string(limit.zone) +
         ":10m rate=" + std::to_string(limit.rate) + "r/s;\n";
}

std::string LimitLine(const RateLimit& limit) {
  if (limit.rate == 0) return "";
  return "limit_req zone=" + std::string(limit.zone) + " burst=" + std::to_string(limit.burst) +
         " nodelay;\n";
}

std::string LinesOf(std::string (*line)(const RateLimit&), const base::Settings& settings) {
  std::string lines;
  for (const RateLimit& limit : RateLimits(settings)) lines += line(limit);
  return lines;
}

// Of requests that their sender may stretch (http.conf).
std::string SlowLimits(std::int64_t most_of_address) {
  const std::int64_t most = std::max<std::int64_t>(1, most_of_address / kSlowShare);
  return "\nlimit_conn latchkey_slow_of_address " + std::to_string(most) +
         ";\nlimit_conn latchkey_slow_of_site " + std::to_string(kSlowSiteShare * most) + ";";
}

std::string ConnectionLimits(const NginxInput& input) {
  const std::int64_t clients = input.plan.clients;
  std::string lines = "limit_conn latchkey_shed_first " + std::to_string(clients) +
                      ";\nlimit_conn latchkey_clients " +
                      std::to_string(clients + clients / kReserveShare) +
                      ";\nlimit_conn latchkey_issuers " +
                      std::to_string(std::max<std::int64_t>(1, clients * 3 / 4)) + ";";
  if (const std::int64_t most = input.settings.max_clients_per_address; most > 0) {
    const std::int64_t net6 = std::max<std::int64_t>(1, most / kNet6Part);
    lines += "\nlimit_conn latchkey_clients_of_address " + std::to_string(most) +
             ";\nlimit_conn latchkey_clients_of_net6 " + std::to_string(net6) +
             ";\nlimit_conn latchkey_clients_of_site " + std::to_string(kSiteShare * net6) +
             ";\nlimit_conn latchkey_clients_of_provider " + std::to_string(kProviderShare * most) +
             ";\nlimit_conn latchkey_pages_of_address " + std::to_string(ForeignPart(most)) +
             ";\nlimit_conn latchkey_pages_of_site " +
             std::to_string(ForeignPart(kSiteShare * most)) + ";" + SlowLimits(most);
  }
  return lines;
}

std::string RealIpLines(const base::Settings& settings) {
  std::string lines;
  std::istringstream addresses(settings.trusted_proxies);
  for (std::string address; addresses >> address;) {
    lines += "set_real_ip_from " + address + ";\n";
  }
  if (lines.empty()) return "# trusted_proxies is empty: the client is whoever connects.";
  return lines + "real_ip_header X-Forwarded-For;\nreal_ip_recursive on;";
}

// Of a geo block: each of a list of addresses and networks.
std::string GeoLines(const std::string& list) {
  std::string lines;
  std::istringstream addresses(list);
  for (std::string address; addresses >> address;) lines += "  " + address + " 1;\n";
  return lines;
}

// Of the map of what the access log draws one of 1,000 from. With a limit of requests, the limits have a word for all
// but loopback that came as far as them.
std::string UnseenLine(const base::Settings& settings) {
  return RequestLimit(settings).rate == 0 ? "" : "  \"0 \" \" one_of=1000\";\n";
}

std::string ErrorLogPath(const base::Settings& settings) {
  return settings.data_dir + "/log/error.log";
}

NginxWords WordsFor(const NginxInput& input) {
  const base::Settings& settings = input.settings;
  return {
      // nginx's workers would drop to another user, who may not enter the data folder.
      {"user", input.runs_as_root ? "user root root;" : ""},
      {"run_dir", settings.run_dir},
      {"public_host", std::string(base::SplitUrl(settings.public_url).host)},
      {"access_log", AccessLogPath(settings)},
      {"error_log", ErrorLogPath(settings)},
      {"workers", std::to_string(input.plan.workers)},
      {"worker_connections", std::to_string(input.plan.worker_connections)},
      {"keepalive", std::to_string(input.plan.keepalive)},
      {"limit_conn", ConnectionLimits(input)},
      {"kept", std::string(settings.trusted_proxies.empty() ? kKept : kKeptOfProxies)},
      {"real_ip", RealIpLines(settings)},
      {"version", std::string(kVersion)},
      {"metrics_from", GeoLines(settings.metrics_from)},
      {"trusted", GeoLines(settings.trusted_proxies)},
      {"unseen", UnseenLine(settings)},
      {"listen", ListenLines(input.listen)},
      {"limit_req_zone", LinesOf(&ZoneLine, settings)},
      {"limit_req", LinesOf(&LimitLine, settings)},
      {"api_servers", ApiServers(settings)},
  };
}

}  // namespace

base::Status CheckForNginx(std::string_view what, std::string_view text) {
  return CheckNone(what, text, kMeaningInQuotes);
}

base::Result<std::string> FillPlaceholders(std::string_view name, std::string_view text,
                                           const NginxWords& words) {
  std::string out;
  for (;;) {
    const std::size_t open = text.find("{{");
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = text.find("}}", open);
    const std::string_view key =
        close == std::string_view::npos ? "" : text.substr(open + 2, close - open - 2);
    const auto found = std::find_if(words.begin(), words.end(),
                                    [key](const auto& pair) { return pair.first == key; });
    if (found != words.end()) {
      out += found->second;
    } else if (key != "placeholder") {  // the word the explanation at the top uses
      return base::Status(
          base::Code::kInternal,
          "nginx/" + std::string(name) + " has an unknown placeholder " + std::string(key));
    }
    text.remove_prefix(close + 2);
  }
}

NginxPlan PlanNginx(const base::Settings& settings, std::int64_t cores,
                    std::int64_t descriptor_limit) {
  const std::int64_t all = 2 * (settings.max_clients + settings.max_clients / kReserveShare);
  NginxPlan plan;
  plan.worker_connections = std::max<std::int64_t>(
      64, std::min(descriptor_limit - kSpareDescriptors, all + kSpareConnections));
  plan.workers = settings.nginx_workers;
  if (plan.workers == 0) {
    const std::int64_t needed = RoundedUp(all, plan.worker_connections);
    plan.workers = std::clamp(std::max(cores, needed), kLeastWorkers, kMostWorkers);
  }
  const std::int64_t carried = plan.workers * plan.worker_connections / 2;
  plan.clients = std::min(settings.max_clients, carried * kReserveShare / (kReserveShare + 1));
  // Idle connections may all be to one child, and only nginx closes them: half of a child's places
  // must stay free of them, or the other workers' connections wait in its queue until
  // keepalive_time is over.
  plan.keepalive = std::max<std::int64_t>(1, settings.connections_per_child / (2 * plan.workers));
  return plan;
}

base::Result<std::vector<NginxFile>> RenderNginxFiles(const NginxInput& input) {
  for (const std::string& path : {input.settings.run_dir, input.settings.data_dir}) {
    if (base::Status status = CheckForNginx("the folder", path); !status.ok()) return status;
  }
  if (base::Status status = CheckNone("public_url", input.settings.public_url, kMeaningInWords);
      !status.ok()) {
    return status;
  }
  NginxWords words = WordsFor(input);
  std::ranges::move(RouteWords(), std::back_inserter(words));
  std::vector<NginxFile> files;
  for (const auto& source : nginx::kFiles) {
    auto text = FillPlaceholders(source.name, source.text, words);
    if (!text.ok()) return text.error();
    files.push_back({std::string(source.name), std::move(*text)});
  }
  return files;
}

std::string NginxFolder(const base::Settings& settings) { return settings.RunPath("nginx"); }
std::string NginxMainFile(const base::Settings& settings) {
  return NginxFolder(settings) + "/latchkey.conf";
}
std::string AccessLogPath(const base::Settings& settings) {
  return settings.data_dir + "/log/access.log";
}
std::array<std::string, 2> NginxLogPaths(const base::Settings& settings) {
  return {AccessLogPath(settings), ErrorLogPath(settings)};
}

base::Status WriteNginxFiles(const base::Settings& settings, const std::vector<NginxFile>& files) {
  const std::string folder = NginxFolder(settings);
  if (base::Status status = base::MakeFolder(folder); !status.ok()) return status;
  for (const NginxFile& file : files) {
    if (base::Status status = supervisor::WriteRunFile(folder + "/" + file.name, file.text);
        !status.ok()) {
      return status;
    }
  }
  return {};
}

}  // namespace ctl
