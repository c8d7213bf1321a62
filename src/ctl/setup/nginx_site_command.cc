// `latchkey nginx-site`: prints the site of a production nginx (ctl/run/nginx_site.h).
#include "ctl/run/nginx_site.h"

#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>

#include "base/url.h"
#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/run/nginx_routes.h"
#include "supervisor/environment.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr std::int64_t kMostPort = 65535;
constexpr std::string_view kDefaultAcmeRoot = "/var/www/html";

std::string TextOr(const Args& args, const char* name, std::string_view otherwise) {
  return args.OptionalText(name).value_or(std::string(otherwise));
}

std::string DefaultIs(std::string_view value) { return "default " + std::string(value); }

Result<std::string> FindParts(const Args& args) {
  auto given = args.OptionalText("--parts");
  if (given) return *given;
  auto folder = supervisor::InPrefix("share/latchkey/nginx");
  if (!folder.ok()) return folder.error();
  if (::access((*folder + "/server.conf").c_str(), R_OK) == 0) return folder;
  return Status(Code::kNotFound,
                "no parts of nginx's configuration in " + *folder +
                    ": install Latchkey (make install), or name their folder by --parts");
}

// One certificate for all names, or one for each.
Result<std::vector<SiteCertificate>> Certificates(const Args& args,
                                                  const std::vector<std::string>& names) {
  const auto files = args.List("--certificate");
  const auto keys = args.List("--key");
  if (files.size() != keys.size() || (files.size() > 1 && files.size() != names.size())) {
    return Status(Code::kInvalid,
                  "--certificate and --key belong together: one pair for all names, or a pair for "
                  "each --server-name in its order");
  }
  std::vector<SiteCertificate> pairs;
  for (std::size_t i = 0; i < files.size(); ++i) {
    pairs.push_back({.names = files.size() == 1 ? names : std::vector{names[i]},
                     .certificate = files[i],
                     .key = keys[i]});
  }
  return pairs;
}

Result<std::string> Site(const Args& args, const Context& context) {
  auto settings = context.LoadSettings();
  if (!settings.ok()) return settings.error();
  if (Status status = supervisor::MakePathsAbsolute(&*settings); !status.ok()) return status;
  auto parts = FindParts(args);
  if (!parts.ok()) return parts;
  NginxSite site{.parts = *parts,
                 .names = args.List("--server-name"),
                 .certificates = {},
                 .acme_root = TextOr(args, "--acme-root", kDefaultAcmeRoot),
                 .access_log = TextOr(args, "--access-log", kInstalledAccessLog),
                 .error_log = TextOr(args, "--error-log", kInstalledErrorLog),
                 .http_port = args.Number("--http-port", 80),
                 .https_port = args.Number("--https-port", 443)};
  if (site.names.empty()) site.names = {std::string(base::SplitUrl(settings->public_url).host)};
  auto certificates = Certificates(args, site.names);
  if (!certificates.ok()) return certificates.error();
  site.certificates = std::move(*certificates);
  return RenderNginxSite(site, *settings, supervisor::UsableCores());
}

Status PrintSite(const Args& args, Context& context) {
  const auto part = args.OptionalText("--part");
  const auto site = part ? RenderInstalledPart(*part) : Site(args, context);
  if (!site.ok()) return site.error();
  std::cout << *site;
  return {};
}

}  // namespace

void RegisterNginxSite(CLI::App& app, Context& context) {
  CLI::App& command = AddCommand(
      app, context,
      {"nginx-site", "print the site of a production nginx, from the settings and a certificate",
       "latchkey nginx-site > /etc/nginx/sites-available/latchkey.conf\n"
       "latchkey nginx-site --certificate /etc/letsencrypt/live/login.example.com/fullchain.pem "
       "--key /etc/letsencrypt/live/login.example.com/privkey.pem"},
      &PrintSite);
  AddList(command, "--server-name", "HOST", "a host it answers for; default: that of public_url");
  AddList(command, "--certificate", "FILE", "PEM; one for all hosts, or one for each");
  AddList(command, "--key", "FILE", "the key of each certificate");
  AddText(command, "--acme-root", "DIR",
          "where certbot puts challenges; " + DefaultIs(kDefaultAcmeRoot));
  AddText(command, "--access-log", "FILE", DefaultIs(kInstalledAccessLog));
  AddText(command, "--error-log", "FILE", DefaultIs(kInstalledErrorLog));
  AddText(command, "--parts", "DIR", "the installed parts; default: beside this program");
  AddText(command, "--part", "NAME",
          "print this part instead, which the installation needs: locations.conf");
  AddNumber(command, "--http-port", 1, kMostPort, "PORT", "80 without it");
  AddNumber(command, "--https-port", 1, kMostPort, "PORT", "443 without it");
}

}  // namespace ctl
