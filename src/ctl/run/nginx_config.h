// nginx's configuration under `latchkey run`, and what its site has in common with it, from the files of nginx/
// (embedded) and the settings. Planning and rendering are pure; only WriteNginxFiles touches the disk.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/settings.h"
#include "base/status.h"

namespace ctl {

// An IPv6 /48 has so many times what an address has.
inline constexpr std::int64_t kSiteShare = 4;
// What pages of other sites make browsers send has this part of what their network or site has (http.conf).
inline constexpr std::int64_t kForeignShare = 10;
// An IPv6 /32, which is a provider's, has so many times the requests at once of an IPv4 address. What lies in it has
// small parts of that, or two customers would be the end of all others: a /64 this part of what an IPv4 address has, a
// /48 kSiteShare times that.
inline constexpr std::int64_t kProviderShare = 4;
inline constexpr std::int64_t kNet6Part = 5;
// Of the requests at once of an address, those that it may stretch at will have this part; an IPv6 /48 has so many
// times that.
inline constexpr std::int64_t kSlowShare = 5;
inline constexpr std::int64_t kSlowSiteShare = 2;

// How many workers, how large. A client costs a worker two descriptors (its own connection and one
// to a child), and clients spread unevenly, so each worker could carry all of them where the limit
// allows it.
struct NginxPlan {
  std::int64_t workers = 0;
  std::int64_t worker_connections = 0;
  std::int64_t keepalive = 0;  // idle connections to the api pool that one worker keeps
  // What all workers carry together at most, max_clients or less; a quarter more for tokens.
  std::int64_t clients = 0;
};
NginxPlan PlanNginx(const base::Settings& settings, std::int64_t cores,
                    std::int64_t descriptor_limit);

// kInvalid: `text` cannot stand between quotes in a configuration.
base::Status CheckForNginx(std::string_view what, std::string_view text);

// What each {{placeholder}} of a file becomes. kInternal: the file `name` has another one.
using NginxWords = std::vector<std::pair<std::string_view, std::string>>;
base::Result<std::string> FillPlaceholders(std::string_view name, std::string_view text,
                                           const NginxWords& words);

struct NginxFile {
  std::string name;
  std::string text;
};
struct NginxInput {
  const base::Settings& settings;
  NginxPlan plan;
  std::vector<std::string> listen;  // ADDRESS:PORT of each listening socket
  bool runs_as_root = false;
};
// Every file with its placeholders filled in. kInvalid: a path or address holds a character that
// means something to nginx.
base::Result<std::vector<NginxFile>> RenderNginxFiles(const NginxInput& input);

// Paths of what is written: the folder, and the file that nginx is started with.
std::string NginxFolder(const base::Settings& settings);
std::string NginxMainFile(const base::Settings& settings);
std::string AccessLogPath(const base::Settings& settings);
// All that nginx writes to, the access log among them.
std::array<std::string, 2> NginxLogPaths(const base::Settings& settings);
base::Status WriteNginxFiles(const base::Settings& settings, const std::vector<NginxFile>& files);

}  // namespace ctl
