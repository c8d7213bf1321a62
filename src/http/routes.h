// Every address that is served, as data: a row per method and path. All else is 404. Made from it:
//
//   which handler answers            worker/handlers/handlers.h, worker/routes.cc
//   nginx's locations and maps       ctl/run/nginx_routes.cc
//   names in /metrics                worker/routes.cc
//   metadata documents               worker/handlers/api_json.cc
//   tables of docs/api.md, pages.md  `latchkey routes`, tools/routes-page
//
// A row that contradicts itself or another one does not compile (the end of this file). Constants and pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace http {

// What an address is decides what its errors look like, whatever the request accepts: a client library may say
// text/html (java.net.HttpURLConnection does), and a browser */*.
enum class Kind : std::uint8_t {
  kApi,       // programs ask; answers and errors are JSON
  kDocument,  // the same, and caches may keep it
  kPage,      // people visit it; its parameters are in the query, its errors are pages
  kForm,      // what a page sends; refused if another site made the browser send it
  kAsset,     // what pages load; nothing in it is anybody's
  kProbe,     // whoever asks by whatever Host whether this works; JSON
  kMetrics,   // the same for this machine and metrics_from alone
};

// Which children: those of the login pool are few, and hash a password each.
enum class Pool : std::uint8_t { kApi, kLogin };

enum class Where : std::uint8_t {
  kEveryIssuer,  // at each host, and below /o/ORG
  kWellKnown,    // the same, and where RFC 8414 §3.1 inserts its name: PATH/o/ORG
  kEveryHost,    // once a host
  kAnywhere,     // at hosts nobody registered, too
};

// When there are too many requests at the same time. What is shed last has a quarter of the places to itself.
enum class Shed : std::uint8_t {
  kFirst,
  kLast,
};

enum class Query : std::uint8_t {
  kUnread,  // the body may have parameters
  kRead,
  kSecret,  // it may hold a user code or the token of a password link, so no log shows it
};

// Who may read an answer: pages of any site (CORS), or those of this one.
enum class Readers : std::uint8_t { kAnyOrigin, kSameOrigin };

struct Route {
  std::string_view method;  // GET, which HEAD goes with, or POST
  std::string_view path;    // below the issuer
  Kind kind = Kind::kApi;
  Where where = Where::kEveryIssuer;
  Pool pool = Pool::kApi;
  Shed shed = Shed::kFirst;
  Query query = Query::kUnread;
  Readers readers = Readers::kSameOrigin;
  std::string_view metadata =
      {};                 // its name in an issuer's metadata (RFC 8414 §2); empty: not there
  std::string_view what;  // for the documentation: Markdown without a |
};

// The hot paths first: the table is searched from the top. The metadata names its addresses in this order.
inline constexpr std::array kRoutes{
    Route{.method = "GET",
          .path = "/api/subscription",
          .readers = Readers::kAnyOrigin,
          .what = "what the user of a token subscribed to"},
    Route{.method = "POST",
          .path = "/auth/token",
          .shed = Shed::kLast,
          .readers = Readers::kAnyOrigin,
          .what = "the same as `/oauth/token`"},
    Route{.method = "POST",
          .path = "/auth/device/code",
          .readers = Readers::kAnyOrigin,
          .what = "the same as `/oauth/device_authorization`"},
    Route{.method = "GET",
          .path = "/api/user",
          .readers = Readers::kAnyOrigin,
          .what = "whom a token is for"},
    Route{.method = "POST",
          .path = "/oauth/device_authorization",
          .readers = Readers::kAnyOrigin,
          .metadata = "device_authorization_endpoint",
          .what = "device authorization request, RFC 8628 §3.1"},
    Route{.method = "POST",
          .path = "/oauth/token",
          .shed = Shed::kLast,
          .readers = Readers::kAnyOrigin,
          .metadata = "token_endpoint",
          .what = "token request: device grant (RFC 8628 §3.4), `refresh_token` (RFC 6749 §6)"},
    Route{
        .method = "POST",
        .path = "/auth/device/verify",
        .what = "what a user code belongs to; 403 for a request that a page of another site made"},
    Route{.method = "POST",
          .path = "/api/auth/refresh",
          .shed = Shed::kLast,
          .readers = Readers::kAnyOrigin,
          .what = "refresh without naming the client"},
    Route{.method = "POST",
          .path = "/api/auth/logout",
          .readers = Readers::kAnyOrigin,
          .what = "end the grant of a token"},
    Route{.method = "GET",
          .path = "/.well-known/jwks.json",
          .kind = Kind::kDocument,
          .readers = Readers::kAnyOrigin,
          .metadata = "jwks_uri",
          .what = "public keys of the issuer, RFC 7517"},
    Route{.method = "GET",
          .path = "/.well-known/openid-configuration",
          .kind = Kind::kDocument,
          .where = Where::kWellKnown,
          .readers = Readers::kAnyOrigin,
          .what = "the same document, at the address of OpenID Connect Discovery §4"},
    Route{.method = "GET",
          .path = "/.well-known/oauth-authorization-server",
          .kind = Kind::kDocument,
          .where = Where::kWellKnown,
          .readers = Readers::kAnyOrigin,
          .what = "metadata, RFC 8414; advertises only what works"},
    Route{.method = "GET",
          .path = "/",
          .kind = Kind::kPage,
          .where = Where::kEveryHost,
          .what = "says what this is; lists who is signed in on this browser"},
    Route{.method = "GET",
          .path = "/activate",
          .kind = Kind::kPage,
          .query = Query::kSecret,
          .what = "asks for the code of a device; `user_code` in the query fills it in and checks "
                  "nothing (RFC 8628 §3.3.1)"},
    Route{.method = "POST",
          .path = "/activate",
          .kind = Kind::kForm,
          .where = Where::kEveryHost,
          .what = "looks the code up; what it finds the next pages look up without a guess "
                  "(`lk-code`); leads to sign-in, or the decision"},
    Route{.method = "GET",
          .path = "/activate/confirm",
          .kind = Kind::kPage,
          .where = Where::kEveryHost,
          .query = Query::kSecret,
          .what = "app, organization, device, address, time, code, account; the warning of "
                  "RFC 8628 §5.4"},
    Route{.method = "POST",
          .path = "/activate/confirm",
          .kind = Kind::kForm,
          .where = Where::kEveryHost,
          .what = "`decision` is `approve` or `deny`; written once, by compare-and-set; leads to "
                  "the result"},
    Route{.method = "GET",
          .path = "/activate/result",
          .kind = Kind::kPage,
          .where = Where::kEveryHost,
          .query = Query::kRead,
          .what = "says what was decided"},
    Route{.method = "GET",
          .path = "/sign-in",
          .kind = Kind::kPage,
          .where = Where::kEveryHost,
          .query = Query::kSecret,
          .what = "e-mail and password for one organization (`org`); asks which if it is missing"},
    Route{.method = "POST",
          .path = "/sign-in/password",
          .kind = Kind::kForm,
          .where = Where::kEveryHost,
          .pool = Pool::kLogin,
          .what = "one Argon2id; leads to the decision, or `/`"},
    Route{.method = "GET",
          .path = "/sign-in/password",
          .kind = Kind::kPage,
          .where = Where::kEveryHost,
          .pool = Pool::kLogin,
          .query = Query::kRead,
          .what = "`/sign-in`, for whoever comes from the address bar after a refused form"},
    Route{.method = "POST",
          .path = "/sign-out",
          .kind = Kind::kForm,
          .where = Where::kEveryHost,
          .what = "ends this browser's session with the organization; leads to sign-in, or `/`"},
    Route{.method = "GET",
          .path = "/forgot-password",
          .kind = Kind::kPage,
          .where = Where::kEveryHost,
          .query = Query::kSecret,
          .what = "names whom to ask: the setting `support_contact`, else the organization's "
                  "administrator"},
    Route{.method = "GET",
          .path = "/set-password",
          .kind = Kind::kPage,
          .where = Where::kEveryHost,
          .query = Query::kSecret,
          .what = "shows whose password the link (`token`) sets"},
    Route{.method = "POST",
          .path = "/set-password/save",
          .kind = Kind::kForm,
          .where = Where::kEveryHost,
          .pool = Pool::kLogin,
          .what = "one Argon2id; uses the link up"},
    Route{.method = "GET",
          .path = "/assets/latchkey.css",
          .kind = Kind::kAsset,
          .where = Where::kAnywhere,
          .query = Query::kRead,
          .what = "the style sheet; under `?v=HASH` a browser may keep it for a year"},
    Route{.method = "GET",
          .path = "/metrics",
          .kind = Kind::kMetrics,
          .where = Where::kAnywhere,
          .what = "for Prometheus, from this machine and `metrics_from` alone "
                  "([operations.md](operations.md))"},
    Route{.method = "GET",
          .path = "/healthz",
          .kind = Kind::kProbe,
          .where = Where::kAnywhere,
          .what = "the process answers"},
    Route{.method = "GET",
          .path = "/readyz",
          .kind = Kind::kProbe,
          .where = Where::kAnywhere,
          .what = "a write commits"},
};

// Nothing but programs asks below these, whether it is served or not.
inline constexpr std::array<std::string_view, 4> kProgramFolders{"/api/", "/auth/", "/oauth/",
                                                                 "/.well-known/"};
// An organization's issuer is below it.
inline constexpr std::string_view kIssuerFolder = "/o/";

constexpr bool IsInProgramFolder(std::string_view path) {
  return std::ranges::any_of(kProgramFolders,
                             [path](std::string_view folder) { return path.starts_with(folder); });
}

// Errors at its address are pages.
constexpr bool IsForPeople(const Route& route) {
  return route.kind == Kind::kPage || route.kind == Kind::kForm || route.kind == Kind::kAsset;
}

constexpr bool IsAtEveryIssuer(const Route& route) {
  return route.where == Where::kEveryIssuer || route.where == Where::kWellKnown;
}

// ---- what does not compile ----

// nginx takes it as it is, in a location and in a regular expression.
constexpr bool IsPath(std::string_view path) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789/._-";
  return path.starts_with('/') && (path == "/" || !path.ends_with('/')) &&
         path.find("//") == std::string_view::npos && !path.starts_with(kIssuerFolder) &&
         path.find_first_not_of(kPlain) == std::string_view::npos;
}

// By kind: where it may lie, how it is asked, and who may read it.
constexpr bool FitsItsKind(const Route& route) {
  const bool is_get = route.method == "GET";
  const bool is_own = route.readers == Readers::kSameOrigin;
  const bool is_for_programs = IsInProgramFolder(route.path);
  switch (route.kind) {
    case Kind::kApi:
      return is_for_programs && (is_get || route.method == "POST") && route.query == Query::kUnread;
    case Kind::kDocument:
      return is_for_programs && is_get && route.query == Query::kUnread;
    case Kind::kPage:
      return !is_for_programs && is_get && is_own;
    case Kind::kForm:
      return !is_for_programs && route.method == "POST" && is_own && route.query == Query::kUnread;
    case Kind::kAsset:
      return !is_for_programs && is_get && is_own;
    case Kind::kProbe:
    case Kind::kMetrics:
      return !is_for_programs && is_get && is_own && route.where == Where::kAnywhere &&
             route.query == Query::kUnread;
  }
  return false;
}

constexpr bool IsWellDeclared(const Route& route) {
  const bool is_secret = route.query == Query::kSecret;
  const bool is_at_host = route.where == Where::kEveryHost;
  const bool is_well_known = route.path.starts_with("/.well-known/");
  return IsPath(route.path) && FitsItsKind(route) && !route.what.empty() &&
         // What hashes is for people, once a host, and nginx's own error lines about it show the query.
         (route.pool == Pool::kApi || (IsForPeople(route) && is_at_host && !is_secret)) &&
         (route.where != Where::kWellKnown || (is_well_known && route.kind == Kind::kDocument)) &&
         (route.kind == Kind::kApi || route.shed == Shed::kFirst) &&
         (route.metadata.empty() || (IsAtEveryIssuer(route) && !IsForPeople(route)));
}

// Two rows: a name in the metadata is one address; of one path they share its location in nginx, but for the query.
constexpr bool Agree(const Route& one, const Route& other) {
  if (!one.metadata.empty() && one.metadata == other.metadata) return false;
  if (one.path != other.path) return true;
  return one.method != other.method && IsForPeople(one) == IsForPeople(other) &&
         one.pool == other.pool && one.shed == other.shed && one.readers == other.readers &&
         (one.where == Where::kAnywhere) == (other.where == Where::kAnywhere);
}

template <std::size_t size>
constexpr bool AllAgree(const std::array<Route, size>& routes) {
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = i + 1; j < size; ++j) {
      if (!Agree(routes[i], routes[j])) return false;
    }
  }
  return true;
}

static_assert(std::ranges::all_of(kRoutes, IsWellDeclared), "a route contradicts itself");
static_assert(AllAgree(kRoutes), "two routes of one path contradict each other");

}  // namespace http
