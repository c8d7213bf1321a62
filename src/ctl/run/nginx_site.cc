#include "ctl/run/nginx_site.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "ctl/run/nginx_config.h"
#include "nginx_site_files.h"
#include "supervisor/environment.h"

namespace ctl {

namespace {

constexpr std::int64_t kAnyDescriptors = 1'000'000'000;  // nginx.conf sets its own limit
constexpr std::int64_t kNginxOtherDescriptors = 1024;
constexpr std::string_view kHttps = "https://";

std::string_view Template(std::string_view name) {
  const auto* const found =
      std::find_if(nginx_site::kFiles.begin(), nginx_site::kFiles.end(),
                   [name](const nginx_site::File& file) { return file.name == name; });
  return found == nginx_site::kFiles.end() ? std::string_view() : found->text;
}

std::string TextOf(const std::vector<NginxFile>& files, std::string_view name) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [name](const NginxFile& file) { return file.name == name; });
  return found == files.end() ? std::string() : found->text;
}

std::string Indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out.append("  ").append(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!text.empty()) out.push_back('\n');
  }
  return out;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

base::Status CheckName(const std::string& name) {
  const bool is_host = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  if (is_host) return {};
  return {base::Code::kInvalid,
          "the server name " + name + " is no host in lower case (login.example.com)"};
}

base::Status Check(const NginxSite& site) {
  for (const std::string& name : site.names) {
    if (base::Status status = CheckName(name); !status.ok()) return status;
  }
  std::vector<std::string> paths{site.parts, site.acme_root, site.access_log, site.error_log};
  for (const SiteCertificate& pair : site.certificates) {
    paths.insert(paths.end(), {pair.certificate, pair.key});
  }
  for (const std::string& path : paths) {
    if (!path.starts_with('/')) {
      return {base::Code::kInvalid, path + " must be a path from the root, as nginx reads it"};
    }
    if (base::Status status = CheckForNginx("the path", path); !status.ok()) return status;
  }
  return {};
}

// What the server without TLS does with all but challenges.
std::string PlainRest(const NginxSite& site, const base::Settings& settings,
                      const std::string& limits) {
  const auto include = [&site](std::string_view name) {
    return "  include \"" + site.parts + "/" + std::string(name) + "\";\n";
  };
  const std::string bounds = limits + "\n" + include("clients.conf") + include("errors.conf") +
                             include("every_answer.conf");
  if (!site.certificates.empty()) {
    const std::string port = site.https_port == 443 ? "" : ":" + std::to_string(site.https_port);
    return bounds + "  set $latchkey_https \"https://$host" + port + "\";\n" +
           include("plain_locations.conf");
  }
  if (settings.public_url.starts_with(kHttps)) {
    return bounds +
           "  # Until there is a certificate: run this again with --certificate and --key.\n" +
           "  location / { return 503; }";
  }
  return limits + "\n" + include("server.conf");
}

base::Result<std::string> Servers(const NginxSite& site, const base::Settings& settings,
                                  const std::string& limits) {
  auto plain = FillPlaceholders("site/plain.conf", Template("plain.conf"),
                                {{"port", std::to_string(site.http_port)},
                                 {"names", Joined(site.names)},
                                 {"access_log", site.access_log},
                                 {"error_log", site.error_log},
                                 {"acme_root", site.acme_root},
                                 {"rest", PlainRest(site, settings, limits)}});
  if (!plain.ok()) return plain;
  std::string servers = std::move(*plain);
  std::string backlog = " backlog=" + std::to_string(supervisor::kListenBacklog) +
                        " reuseport";  // said once for all that listen here
  for (const SiteCertificate& pair : site.certificates) {
    auto tls = FillPlaceholders("site/tls.conf", Template("tls.conf"),
                                {{"port", std::to_string(site.https_port)},
                                 {"backlog", std::exchange(backlog, "")},
                                 {"names", Joined(pair.names)},
                                 {"certificate", pair.certificate},
                                 {"key", pair.key},
                                 {"access_log", site.access_log},
                                 {"error_log", site.error_log},
                                 {"limits", limits},
                                 {"parts", site.parts}});
    if (!tls.ok()) return tls;
    servers += *tls;
  }
  return servers;
}

}  // namespace

base::Result<std::string> RenderNginxSite(const NginxSite& site, const base::Settings& settings,
                                          std::int64_t cores) {
  if (base::Status status = Check(site); !status.ok()) return status;
  const NginxPlan plan = PlanNginx(settings, cores, kAnyDescriptors);
  const auto files = RenderNginxFiles({.settings = settings, .plan = plan, .listen = {}});
  if (!files.ok()) return files.error();
  auto servers = Servers(site, settings, Indented(TextOf(*files, "limits.conf")));
  if (!servers.ok()) return servers;
  return FillPlaceholders(
      "site/site.conf", Template("site.conf"),
      {{"parts", site.parts},
       {"descriptors", std::to_string(plan.worker_connections + kNginxOtherDescriptors)},
       {"worker_connections", std::to_string(plan.worker_connections)},
       {"pools", TextOf(*files, "pools.conf")},
       {"servers", *servers}});
}

}  // namespace ctl
