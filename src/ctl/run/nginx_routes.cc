#include "ctl/run/nginx_routes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "nginx_files.h"

namespace ctl {

namespace {

using http::IsForPeople;
using http::Kind;
using http::kRoutes;
using http::Readers;
using http::Route;
using http::Shed;

// Below an organization's issuer, whatever it is called there: what nobody serves is the pools' to say.
constexpr std::string_view kAnyIssuer = "/o/[^/]+";

bool Always(const Route&) { return true; }
bool IsPage(const Route& route) {
  return (route.kind == Kind::kPage || route.kind == Kind::kForm) && route.path != "/";
}
bool IsApi(const Route& route) { return route.kind == Kind::kApi; }
bool IsProbe(const Route& route) {
  return route.kind == Kind::kProbe || route.kind == Kind::kMetrics;
}
bool IsPageAtEveryIssuer(const Route& route) { return IsPage(route) && IsAtEveryIssuer(route); }
bool IsWellKnown(const Route& route) { return route.where == http::Where::kWellKnown; }
bool Hashes(const Route& route) { return route.pool == http::Pool::kLogin; }
bool HasSecretQuery(const Route& route) { return route.query == http::Query::kSecret; }
bool IsProgramsOwn(const Route& route) {  // no page of another site may ask
  return (route.kind == Kind::kApi || route.kind == Kind::kDocument) &&
         route.readers == Readers::kSameOrigin;
}

using Predicate = bool (*)(const Route&);
using Paths = std::vector<std::string_view>;

// Each once, in the order of the table.
Paths PathsThat(Predicate fits) {
  Paths paths;
  for (const Route& route : kRoutes) {
    if (fits(route) && std::ranges::find(paths, route.path) == paths.end()) {
      paths.push_back(route.path);
    }
  }
  return paths;
}

bool AnyOf(std::string_view path, Predicate fits) {
  return std::ranges::any_of(kRoutes,
                             [&](const Route& route) { return route.path == path && fits(route); });
}

// In a regular expression: a path has no other character that means something there (http::IsPath).
std::string Escaped(std::string_view path) {
  std::string text;
  for (const char c : path) {
    if (c == '.') text.push_back('\\');
    text.push_back(c);
  }
  return text;
}

// "api|auth", without the slash before each.
std::string Alternatives(const Paths& paths) {
  std::string text;
  for (const std::string_view path : paths) text += Escaped(path.substr(1)) + "|";
  if (!text.empty()) text.pop_back();
  return text;
}

// The first part of each path, with the slash before it.
Paths FirstParts(const Paths& paths) {
  Paths parts;
  for (const std::string_view path : paths) {
    const std::string_view part = path.substr(0, path.find('/', 1));
    if (std::ranges::find(parts, part) == parts.end()) parts.push_back(part);
  }
  return parts;
}

class Lines {
 public:
  Lines& Add(std::initializer_list<std::string_view> parts) {
    if (!text_.empty()) text_.push_back('\n');
    for (const std::string_view part : parts) text_ += part;
    return *this;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string Locations() {
  Lines lines;
  for (const std::string_view path : PathsThat(&Always)) {
    lines.Add({"location = ", path, " { ", LocationOf(path), " }"});
  }
  return lines.Take();
}

// The location of /o/ is the API's; what is served there otherwise has its own. A page may be typed in capitals or with
// a slash behind it.
std::string IssuerLocations() {
  const std::string of_api = "include api_location.conf;";
  Lines lines;
  for (const std::string_view path : PathsThat(&http::IsAtEveryIssuer)) {
    if (LocationOf(path) == of_api) continue;
    lines.Add({"location ~ ^", kAnyIssuer, Escaped(path), "$ { ", LocationOf(path), " }"});
  }
  for (const std::string_view path : PathsThat(&IsPageAtEveryIssuer)) {
    lines.Add(
        {"location ~* ^/o/[a-z0-9-]+", Escaped(path), "/*$ { include unserved_location.conf; }"});
  }
  for (const std::string_view path : PathsThat(&IsWellKnown)) {
    lines.Add({"location ^~ ", path, "/o/ { ", LocationOf(path), " }"});
  }
  return lines.Take();
}

// Else nginx would redirect these to the same with a slash, at whatever Host was asked for.
std::string NoIssuerLocations() {
  Lines lines;
  for (const std::string_view path : PathsThat(&IsWellKnown)) {
    lines.Add({"location = ", path, "/o { include api_errors.conf; return 404; }"});
  }
  return lines.Take();
}

std::string UnservedFolders() {
  Lines lines;
  for (const std::string_view folder : http::kProgramFolders) {
    lines.Add({"location ", folder, " { include api_errors.conf; return 404; }"});
  }
  return lines.Take();
}

// Each path of a map with one value.
std::string MapLines(const Paths& paths, std::string_view value) {
  Lines lines;
  for (const std::string_view path : paths) lines.Add({"  ", path, " ", value, ";"});
  return lines.Take();
}

std::string ShedLast() {
  const Paths last = PathsThat([](const Route& route) { return route.shed == Shed::kLast; });
  Lines lines;
  return lines.Add({"  \"~^(?:", kAnyIssuer, ")?/(?:", Alternatives(last), ")$\" \"\";"}).Take();
}

std::string PageAddresses() {
  Lines lines;
  for (const std::string_view path : PathsThat(&IsPageAtEveryIssuer)) {
    lines.Add({"  \"~*^/o/(?<latchkey_part>[a-z0-9-]+)", Escaped(path), "/*$\" /o/$latchkey_part",
               path, ";"});
  }
  for (const std::string_view path : PathsThat(&IsPage)) {
    lines.Add({"  \"~*^", Escaped(path), "/*$\" ", path, ";"});
  }
  return lines.Take();
}

Paths ProgramFolders() {
  Paths folders;
  for (const std::string_view folder : http::kProgramFolders) {
    folders.push_back(folder.substr(0, folder.size() - 1));
  }
  return folders;
}

std::string Kinds() {
  Lines lines;
  for (const std::string_view path : PathsThat(&IsProgramsOwn)) {
    lines.Add({"  \"~^(?:", kAnyIssuer, ")?", Escaped(path), "$\" json;"});
  }
  lines.Add({"  \"~^/(?:", Alternatives(ProgramFolders()), ")(?:/|$)\" api;"});
  for (const std::string_view path : PathsThat(&IsPageAtEveryIssuer)) {
    lines.Add({"  \"~*^", kAnyIssuer, Escaped(path), "/*$\" page;"});
  }
  lines.Add({"  \"~^/o(?:/|$)\" api;"});
  lines.Add({"  \"~^/(?:", Alternatives(PathsThat(&IsProbe)), ")$\" json;"});
  const Paths exact =
      PathsThat([](const Route& route) { return IsForPeople(route) && !IsPage(route); });
  lines.Add({"  \"~^/(?:", Alternatives(exact), ")$\" page;"});
  return lines.Add({"  \"~*^/(?:", Alternatives(PathsThat(&IsPage)), ")/*$\" page;"}).Take();
}

// Of a line that is too long to be read: what it began with.
std::string KindsOfLine() {
  const std::string begin = "  \"~^[A-Z]+ /(?:o/[^/ ?]+/)?";
  Lines lines;
  lines.Add({begin, "(?:", Alternatives(FirstParts(PathsThat(&IsPage))), ")[/? ]\" page;"});
  for (const std::string_view path : PathsThat(&IsProgramsOwn)) {
    lines.Add({begin, Escaped(path.substr(1)), "[ ?]\" json;"});
  }
  return lines.Add({"  \"~^[A-Z]+ /(?:", Alternatives(ProgramFolders()), "|o)/\" api;"}).Take();
}

}  // namespace

std::string LocationOf(std::string_view path) {
  if (AnyOf(path, [](const Route& route) { return route.kind == Kind::kMetrics; })) {
    return "include metrics_location.conf;";
  }
  if (AnyOf(path, &IsProbe)) return "include probe_location.conf;";
  if (AnyOf(path, &Hashes)) return "include login_location.conf;";
  if (AnyOf(path, &HasSecretQuery)) return "include secret_location.conf;";
  if (AnyOf(path, &IsForPeople)) return "fastcgi_pass latchkey_api;";
  return AnyOf(path, &IsProgramsOwn) ? "include json_location.conf;" : "include api_location.conf;";
}

NginxWords RouteWords() {
  const Paths hashing = PathsThat(&Hashes);
  return {{"route_locations", Locations()},
          {"route_issuer_locations", IssuerLocations()},
          {"route_no_issuer_locations", NoIssuerLocations()},
          {"route_unserved_folders", UnservedFolders()},
          {"route_api_paths", MapLines(PathsThat(&IsApi), "$uri")},
          {"route_shed_last", ShedLast()},
          {"route_password_net", MapLines(hashing, "$latchkey_typist")},
          {"route_password_site", MapLines(hashing, "$latchkey_guests")},
          {"route_page_addresses", PageAddresses()},
          {"route_kinds", Kinds()},
          {"route_kinds_of_line", KindsOfLine()}};
}

base::Result<std::string> RenderInstalledPart(std::string_view name) {
  for (const auto& file : nginx::kFiles) {
    if (file.name == name) return FillPlaceholders(name, file.text, RouteWords());
  }
  return base::Status(base::Code::kNotFound, "there is no nginx/" + std::string(name));
}

}  // namespace ctl
