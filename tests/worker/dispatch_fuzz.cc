// Whole requests through the table of addresses and every handler, with the domain and fakes behind it: head and body as
// HTTP/1 writes them. Each gets an answer that a client can read, 500 only if the writer said what its handler does not
// expect, and nothing of a request becomes a part of a page or of a header.
#include <algorithm>
#include <cctype>

#include "accounts/fakes.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "fuzz/json_text.h"
#include "http/params.h"
#include "jose/assertion_verifier.h"
#include "json/object_writer.h"
#include "worker/fcgi/answer.h"
#include "worker/routes.h"

namespace fuzz {

namespace {

using records::WriteResult;
using testing_oauth::MakeId;
using Pending = domain::PendingWrite<http::Response>;

// What a page must never give back as it came.
constexpr std::string_view kMarkup = "<zq";
constexpr std::string_view kJwks =
    R"({"keys":[{"kty":"EC","crv":"P-256","kid":"k",)"
    R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

// An organization with everything that a request can name, and its names.
class House {
 public:
  House() {
    world.settings.public_url = "https://id.example";
    world.rows.users.front().password_hash =
        testing_accounts::FakeHasher::HashOf("alice's password");
    world.rows.clients[2].jwks = kJwks;
    world.rows.domains = {{.host = "login.acme.example", .organization_id = world.org}};
    AddDeviceCode();
    AddTokens();
    AddPageState();
    AddSession();
  }

  http::Outcome Send(const http::Request& request) { return worker::Dispatch(request, app_); }
  void ForgetLimits() {
    world.limits = {};
    world.used_jtis = {};
  }

  testing_oauth::World world;
  std::string device_code, access_token, refresh_token, cookies, csrf, password_link;

 private:
  static domain::Secret TheSecret() {
    domain::Secret secret{};
    secret.fill(7);
    return secret;
  }

  void AddDeviceCode() {
    records::DeviceCodeRow row;
    row.id = MakeId<records::DeviceCodeId>(8);
    row.organization_id = world.org;
    row.service_id = world.service;
    row.client_row_id = world.client;
    row.user_code = "BCDF-2345";
    row.secret_hash = world.hashes.Sha256(TheSecret());
    row.device_name = "cli/1.0 <zq>";
    row.created_at = world.clock.Now();
    row.expires_at = world.clock.Now() + base::seconds(900);
    world.rows.device_codes = {row};
    device_code = domain::EncodeSplitToken(row.id, TheSecret());
  }

  void AddTokens() {
    records::AccessTokenRow access;
    access.id = MakeId<records::AccessTokenId>(9);
    access.organization_id = world.org;
    access.service_id = world.service;
    access.user_id = world.user;
    access.client_row_id = world.client;
    access.expires_at = world.clock.Now() + base::seconds(900);
    access_token =
        "e30." +
        base::Base64UrlEncode(base::AsBytes("{\"jti\":\"" + domain::JtiText(access.id) + "\"}")) +
        ".c2ln";
    access.token_hash = world.hashes.Sha256(base::AsBytes(access_token));
    world.rows.access_tokens = {access};
    records::RefreshTokenRow refresh;
    refresh.id = MakeId<records::RefreshTokenId>(10);
    refresh.organization_id = world.org;
    refresh.service_id = world.service;
    refresh.user_id = world.user;
    refresh.client_row_id = world.client;
    refresh.secret_hash = world.hashes.Sha256(TheSecret());
    refresh.scope = "openid email";
    refresh.expires_at = refresh.grant_expires_at = world.clock.Now() + base::seconds(900);
    refresh_token = domain::EncodeSplitToken(refresh.id, TheSecret());
    world.rows.refresh_tokens = {refresh};
    records::PasswordLinkRow link;
    link.id = MakeId<records::PasswordLinkId>(11);
    link.organization_id = world.org;
    link.user_id = world.user;
    link.secret_hash = world.hashes.Sha256(TheSecret());
    link.expires_at = world.clock.Now() + base::seconds(900);
    link.user_email = "alice@acme.example";
    password_link = domain::EncodeSplitToken(link.id, TheSecret());
    world.rows.password_links = {link};
  }

  // A browser's cookie, and the token of its forms.
  void AddPageState() {
    http::Request request;
    request.method = "GET";
    request.path = "/activate";
    request.host = "id.example";
    request.accept = "text/html";
    cookies = "__Host-lk-pre=" + base::Base64UrlEncode(TheSecret());
    request.cookie = cookies;
    const http::Outcome outcome = Send(request);
    const auto* page = std::get_if<http::Response>(&outcome);
    constexpr std::string_view kBefore = "name=\"csrf\" value=\"";
    const std::size_t at = page == nullptr ? std::string::npos : page->body.find(kBefore);
    Require(at != std::string::npos, "the page of the code has a form");
    csrf = page->body.substr(at + kBefore.size(),
                             page->body.find('"', at + kBefore.size()) - at - kBefore.size());
  }

  // The same browser, signed in.
  void AddSession() {
    records::SessionRow row;
    row.id = MakeId<records::SessionId>(12);
    row.organization_id = world.org;
    row.user_id = world.user;
    row.secret_hash = world.hashes.Sha256(TheSecret());
    row.user_email = "alice@acme.example";
    row.expires_at = world.clock.Now() + base::seconds(900);
    world.rows.sessions = {row};
    cookies += "; __Host-lk-" + base::HexEncode(world.org.bytes) + "=" +
               domain::EncodeSplitToken(row.id, TheSecret());
  }

  testing_accounts::FakeHasher hasher_;
  jose::AssertionVerifier assertions_;
  domain::Ports ports_{.settings = world.settings,
                       .clock = world.clock,
                       .directory = world.rows,
                       .reader = world.rows,
                       .random = world.random,
                       .ids = world.ids,
                       .hashes = world.hashes,
                       .signer = world.signer,
                       .polls = world.polls,
                       .limits = world.limits,
                       .assertions = assertions_,
                       .used_jtis = world.used_jtis};
  base::Log log_{"fuzz", base::Severity::kFatal};
  worker::App app_{.ports = ports_, .password_hasher = hasher_, .log = log_};
};

House& TheHouse() {
  static House& house = *new House;
  return house;
}

// ---- from text to a request ----

struct Header {
  std::string_view name;
  std::string_view http::Request::*member;
};
constexpr std::array kHeaders{Header{"host", &http::Request::host},
                              Header{"content-type", &http::Request::content_type},
                              Header{"authorization", &http::Request::authorization},
                              Header{"cookie", &http::Request::cookie},
                              Header{"user-agent", &http::Request::user_agent},
                              Header{"accept", &http::Request::accept},
                              Header{"origin", &http::Request::origin},
                              Header{"sec-fetch-site", &http::Request::sec_fetch_site},
                              Header{"if-none-match", &http::Request::if_none_match},
                              Header{"x-address", &http::Request::remote_address}};

std::string_view TakeLine(std::string_view* text) {
  const std::string_view line = text->substr(0, text->find('\n'));
  text->remove_prefix(std::min(line.size() + 1, text->size()));
  return line;
}

http::Request Parse(std::string_view text) {
  http::Request request;
  const std::string_view first = TakeLine(&text);
  request.method = first.substr(0, first.find(' '));
  const std::string_view target = first.substr(std::min(request.method.size() + 1, first.size()));
  request.path = target.substr(0, target.find('?'));
  request.query = target.substr(std::min(request.path.size() + 1, target.size()));
  for (std::string_view line = TakeLine(&text); !line.empty(); line = TakeLine(&text)) {
    const std::string_view name = line.substr(0, line.find(": "));
    for (const Header& header : kHeaders) {
      if (header.name == name)
        request.*header.member = line.substr(std::min(name.size() + 2, line.size()));
    }
  }
  request.body = text;
  request.request_id_text = "feedfacefeedfacefeedfacefeedface";
  request.request_id = MakeId<records::RecordId>(42);
  request.received_at = TheHouse().world.clock.Now();
  return request;
}

// ---- what holds of every answer ----

bool IsPage(const http::Response& response) {
  return response.content_type.starts_with("text/html");
}

void CheckHeaders(const http::Response& response) {
  for (const auto& [name, value] : response.headers) {
    Require((name + value).find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "a header is one line");
    if (name != "Location") continue;
    Require(value.starts_with('/') && !value.starts_with("//"), "a redirect stays with us");
    Require(value.find('\\') == std::string::npos, "whatever a browser makes of it");
  }
}

void Check(const http::Request& request, const http::Response& response) {
  Require(response.status >= 200 && response.status < 600, "an answer has a status");
  CheckHeaders(response);
  std::string answer;
  worker::RenderAnswer(response, request.request_id_text, &answer);
  Require(answer.starts_with("Status: ") && answer.ends_with(response.body),
          "an answer can be written");
  if (response.content_type.starts_with("application/json") && !response.body.empty()) {
    Require(JsonText::IsValid(response.body), "JSON is JSON");
    Require(base::IsUtf8(response.body), "in UTF-8");
  }
  if (IsPage(response)) {
    Require(response.body.find(kMarkup) == std::string::npos,
            "markup of others is text on our pages");
  }
}

struct Settled {
  http::Response response;
  bool was_odd = false;  // the writer gave an answer that not every handler expects
};

// What the writer may answer, one after the other: as often as a handler asks.
Settled Settle(http::Outcome outcome, std::size_t turn) {
  constexpr std::array kAny{base::Code::kOk, base::Code::kUnavailable, base::Code::kFull};
  constexpr std::array kCodes{base::Code::kOk,       base::Code::kExists, base::Code::kUnavailable,
                              base::Code::kNotFound, base::Code::kDenied, base::Code::kFull};
  bool was_odd = false;
  for (int asked = 0; auto* pending = std::get_if<Pending>(&outcome); ++asked) {
    Require(asked < 20, "no handler asks for ever");
    const base::Code code = asked < 3 ? kCodes[turn++ % kCodes.size()] : base::Code::kOk;
    was_odd = was_odd || std::ranges::find(kAny, code) == kAny.end();
    const auto then = std::move(pending->then);
    outcome = then(WriteResult{.code = code});
  }
  return {.response = std::get<http::Response>(std::move(outcome)), .was_odd = was_odd};
}

// ---- grown ----

std::string Escaped(std::string_view text) {
  std::string all;
  for (const char c : text) {
    all += std::isalnum(static_cast<unsigned char>(c)) != 0
               ? std::string(1, c)
               : "%" + base::HexEncode(base::AsBytes({&c, 1}));
  }
  return all;
}

std::string Field(Random& random, std::string_view name) {
  House& house = TheHouse();
  if (random.OneIn(8)) return random.OneIn(2) ? Text(random, 60) : std::string(kMarkup) + "\">'&";
  if (name == "client_id")
    return random.OneIn(3) ? "acme-sync" : random.OneIn(2) ? "acme-cli" : "acme-daemon";
  if (name == "client_secret") return "s3cret";
  if (name == "grant_type") {
    constexpr std::array<std::string_view, 4> kGrants{
        "urn:ietf:params:oauth:grant-type:device_code", "refresh_token", "password",
        "client_credentials"};
    return std::string(random.Pick(kGrants));
  }
  if (name == "client_assertion_type")
    return "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  if (name == "client_assertion") return Jwt(random);
  if (name == "device_code") return house.device_code;
  if (name == "refresh_token") return house.refresh_token;
  if (name == "user_code") return random.OneIn(2) ? "BCDF-2345" : "bcdf 2345";
  if (name == "scope") return random.OneIn(2) ? "openid email" : "openid profile offline_access x";
  if (name == "resource") return random.OneIn(2) ? "https://api.acme.example" : Url(random);
  if (name == "csrf") return house.csrf;
  if (name == "org" || name == "org_slug") return random.OneIn(4) ? "other" : "acme";
  if (name == "email") return "alice@acme.example";
  if (name == "device") return base::ToText(house.world.rows.device_codes.front().id);
  if (name == "status") return random.OneIn(2) ? "approved" : "denied";
  if (name == "repeated") return "alice's password";
  if (name == "password") return random.OneIn(2) ? "alice's password" : Text(random, 40);
  if (name == "decision") return random.OneIn(2) ? "approve" : "deny";
  if (name == "token" || name == "link") return house.password_link;
  return Text(random, 40);
}

const std::vector<std::string_view> kFields{"client_id",
                                            "client_secret",
                                            "grant_type",
                                            "client_assertion_type",
                                            "client_assertion",
                                            "device_code",
                                            "refresh_token",
                                            "user_code",
                                            "scope",
                                            "resource",
                                            "csrf",
                                            "org",
                                            "org_slug",
                                            "email",
                                            "password",
                                            "decision",
                                            "token",
                                            "link",
                                            "service",
                                            "device",
                                            "repeated",
                                            "status"};

std::string Fields(Random& random, bool is_json) {
  std::vector<std::pair<std::string_view, std::string_view>> members;
  // All of them are what a page wants.
  const bool has_all = random.OneIn(4);
  std::vector<std::string> values(has_all ? kFields.size() : 1 + random.Below(7));
  std::string form;
  for (auto& value : values) {
    const std::string_view name = has_all ? kFields[members.size()] : random.Pick(kFields);
    value = Field(random, name);
    members.emplace_back(name, value);
    form += (form.empty() ? "" : "&") + std::string(name) + "=" + Escaped(value);
  }
  if (!is_json) return random.OneIn(8) ? ReplaceToken(form, random) : form;
  const std::string json = json::TextObject(members);
  return random.OneIn(2) ? ReplaceToken(json, random) : json;
}

}  // namespace

std::string Grow(Random& random) {
  House& house = TheHouse();
  constexpr std::array<std::string_view, 7> kMethods{"GET",  "POST", "POST",   "POST",
                                                     "HEAD", "PUT",  "OPTIONS"};
  std::string text = std::string(random.Pick(kMethods)) + " " + Path(random);
  if (random.OneIn(2)) text += "?" + Fields(random, false);
  text += "\nhost: " + (random.OneIn(4) ? Host(random) : "id.example") + "\n";
  const bool is_json = random.OneIn(2);
  text += is_json ? "content-type: application/json\n"
                  : "content-type: application/x-www-form-urlencoded\n";
  if (random.OneIn(2))
    text += "cookie: " +
            (random.OneIn(4) ? CookieHeader(random, {"__Host-lk-pre", "__Host-lk-code"})
                             : house.cookies) +
            "\n";
  if (random.OneIn(2))
    text += "authorization: " +
            (random.OneIn(2) ? Authorization(random) : "Bearer " + house.access_token) + "\n";
  if (random.OneIn(2)) text += "accept: text/html\n";
  if (random.OneIn(6)) text += "origin: " + Url(random) + "\n";
  if (random.OneIn(6)) text += "user-agent: " + Text(random, 300) + "\n";
  if (random.OneIn(6)) text += "if-none-match: \"" + Text(random, 20) + "\"\n";
  text += "x-address: " + Address(random) + "\n\n";
  return text + (random.OneIn(12) ? JsonDepth(random) : Fields(random, is_json));
}

void FuzzOne(std::string_view bytes) {
  const http::Request request = Parse(bytes);
  House& house = TheHouse();
  house.ForgetLimits();
  house.world.polls.verdict.too_fast = bytes.size() % 16 == 0;
  house.world.rows.down = bytes.size() % 64 == 1;
  const auto [response, was_odd] = Settle(house.Send(request), bytes.size());
  Check(request, response);
  Require(response.status < 500 || response.status == 503 || was_odd,
          "a request is no error of the server");
  if (!house.world.rows.down)
    Require(response.status != 503 || request.method == "POST" || request.path == "/readyz",
            "what is there is given");
}

}  // namespace fuzz
