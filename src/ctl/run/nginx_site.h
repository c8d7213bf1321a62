// The site of a production nginx, as `latchkey nginx-site` prints it: nginx/site/ filled in from the
// settings. What does not depend on settings it includes from the installed parts, which are the
// files that `latchkey run` uses as well. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "base/status.h"

namespace ctl {

inline constexpr std::string_view kInstalledAccessLog = "/var/log/latchkey/access.log";
inline constexpr std::string_view kInstalledErrorLog = "/var/log/latchkey/error.log";

struct SiteCertificate {
  std::vector<std::string> names;  // hosts that it is for; at least one
  std::string certificate, key;    // PEM files
};

struct NginxSite {
  std::string parts;                          // the folder of the installed parts
  std::vector<std::string> names;             // every host, also in `certificates`
  std::vector<SiteCertificate> certificates;  // empty: no TLS
  std::string acme_root;                      // where certbot puts its challenges
  std::string access_log, error_log;
  std::int64_t http_port = 80;
  std::int64_t https_port = 443;
};

// Without a certificate the site answers over HTTP where public_url says http://, else challenges
// alone, and 503. kInvalid: a name or path cannot stand in nginx's configuration.
base::Result<std::string> RenderNginxSite(const NginxSite& site, const base::Settings& settings,
                                          std::int64_t cores);

}  // namespace ctl
