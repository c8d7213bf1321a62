// The pages as a browser meets them: requests through Dispatch, with fakes behind the domain.
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>

#include "accounts/fakes.h"
#include "accounts/sign_in.h"
#include "base/bytes.h"
#include "base/log.h"
#include "http/errors.h"
#include "http/routes.h"
#include "worker/handlers/pages/page_request.h"
#include "worker/routes.h"

namespace worker {
namespace {

using testing_accounts::MakeId;

// What a browser keeps and sends.
struct FakeBrowser {
  std::string cookies = {};
  std::string origin = "null";  // what Referrer-Policy: no-referrer makes of it
  std::string sec_fetch_site = "same-origin";
  std::string sec_fetch_mode = "navigate";
  std::string sec_fetch_dest = "document";
  std::string host = "sso.example";
  std::string accept = "text/html,application/xhtml+xml";
};

// The fields of the form as the confirm page of this browser has them.
constexpr std::string_view kApproveForm =
    "org=acme&device=08000000-0000-0000-0000-000000000000&user_code=BCDF-2345&decision=approve";
constexpr std::string_view kDenyForm =
    "org=acme&device=08000000-0000-0000-0000-000000000000&user_code=BCDF-2345&decision=deny";

class PageHandlers : public testing::Test {
 protected:
  PageHandlers() {
    world.settings.public_url = "http://sso.example";
    world.settings.user_code_attempts_per_session = 5;
    world.settings.user_code_attempts_per_address = 100;
    world.settings.user_code_attempts_global = 50;
    world.rows.organizations = {testing_accounts::Organization(1, "acme"),
                                testing_accounts::Organization(2, "globex")};
    records::ServiceRow service;
    service.id = MakeId<records::ServiceId>(3);
    service.organization_id = Acme();
    service.name = "Acme CLI";
    world.rows.services = {service};
    records::ClientRow client;
    client.id = MakeId<records::ClientRowId>(4);
    client.organization_id = Acme();
    client.service_id = service.id;
    world.rows.clients = {client};
    world.rows.users = {testing_accounts::User(1, Acme(), "alice@example.com", "alice's password")};
    AddDeviceCode();
  }

  void AddDeviceCode() {
    records::DeviceCodeRow row;
    row.id = MakeId<records::DeviceCodeId>(8);
    row.organization_id = Acme();
    row.client_row_id = MakeId<records::ClientRowId>(4);
    row.service_id = MakeId<records::ServiceId>(3);
    row.user_code = "BCDF-2345";
    row.address = "203.0.113.24";
    row.device_name = "cli/1.0 <b>";
    row.created_at = world.clock.Now();
    row.expires_at = world.clock.Now() + base::seconds(900);
    world.rows.device_codes = {row};
  }

  void AddDomain(const std::string& host) {
    world.rows.domains.push_back({.host = host, .organization_id = Acme()});
  }

  static records::OrganizationId Acme() { return MakeId<records::OrganizationId>(1); }

  http::Outcome Send(std::string_view method, std::string_view path, std::string_view query,
                     std::string_view body) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    if (method == "POST") request.content_type = content_type;
    request.cookie = browser.cookies;
    request.origin = method == "POST" ? std::string_view(browser.origin) : std::string_view();
    request.sec_fetch_site = browser.sec_fetch_site;
    request.sec_fetch_mode = browser.sec_fetch_mode;
    request.sec_fetch_dest = browser.sec_fetch_dest;
    request.host = browser.host;
    request.accept = browser.accept;
    request.remote_address = "192.0.2.1";
    request.request_id_text = "feedfacefeedfacefeedfacefeedface";
    request.request_id = MakeId<records::RecordId>(42);
    request.received_at = world.clock.Now();
    return Dispatch(request, app);
  }

  // An answer that needs no write.
  http::Response Get(std::string_view path, std::string_view query = {}) {
    return Now(Send("GET", path, query, {}));
  }
  http::Response Post(std::string_view path, std::string_view fields) {
    return Now(PostForm(path, fields));
  }
  // With the token of this browser, as every form of ours has it.
  http::Outcome PostForm(std::string_view path, std::string_view fields) {
    return Send("POST", path, {}, "csrf=" + Token() + "&" + std::string(fields));
  }

  static http::Response Now(const http::Outcome& outcome) {
    const auto* response = std::get_if<http::Response>(&outcome);
    if (response != nullptr) return *response;
    ADD_FAILURE() << "waits for a write";
    return {};
  }

  // Takes the cookies of a response, as a browser does.
  void Keep(const http::Response& response) {
    for (const auto& [name, value] : response.headers) {
      if (name == "Set-Cookie") browser.cookies += value.substr(0, value.find(';')) + "; ";
    }
  }

  // The token in the form of a page.
  std::string Token() {
    if (browser.cookies.find("lk-pre") == std::string::npos) Keep(Get("/"));
    const std::string html = Get("/activate").body;
    constexpr std::string_view kBefore = "name=\"csrf\" value=\"";
    const std::size_t at = html.find(kBefore);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + kBefore.size();
    return html.substr(begin, html.find('"', begin) - begin);
  }

  // Signs alice in: the writer's part is played here.
  void SignIn() {
    const auto outcome = PostForm("/sign-in/password",
                                  "org=acme&email=alice%40example.com&password=alice's+password");
    const auto* record = testing_oauth::Awaited<records::CreateSession>(outcome);
    ASSERT_NE(record, nullptr);
    records::SessionRow row;
    row.id = record->session_id;
    row.organization_id = record->organization_id;
    row.user_id = record->user_id;
    row.secret_hash = record->secret_hash;
    row.amr = record->amr;
    row.auth_time = record->auth_time;
    row.expires_at = record->expires_at;
    row.user_email = "alice@example.com";
    world.rows.sessions = {row};
    Keep(testing_accounts::Finish(outcome));
  }

  static std::string HeaderOf(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }
  static bool Shows(const http::Response& response, std::string_view text) {
    return response.body.find(text) != std::string::npos;
  }

  testing_accounts::World world;
  base::Log log{"test", base::Severity::kFatal};
  App app{.ports = world.ports, .password_hasher = world.hasher, .log = log};
  FakeBrowser browser;
  std::string content_type = "application/x-www-form-urlencoded";
};

// One address writes no more than that, whatever it sends: what came before stays in the log.
TEST_F(PageHandlers, AFloodOfRefusedFormsLeavesFewLines) {
  base::LineQuota lines;
  app.refusal_lines = &lines;
  for (int i = 0; i < 3 * base::LineQuota::kAtOnce; ++i) {
    EXPECT_EQ(Now(Send("POST", "/activate", {}, "csrf=forged&user_code=BCDF-2345")).status, 403);
  }
  EXPECT_FALSE(lines.Take(world.clock.Now()));
  world.clock.Advance(base::seconds(2));
  EXPECT_GT(lines.Take(world.clock.Now()), 2U * base::LineQuota::kAtOnce) << "they are counted";
}

// ---- every page ----

TEST_F(PageHandlers, EveryPageForbidsScriptsFramesAndCaches) {
  for (const auto* path : {"/", "/activate", "/sign-in", "/set-password", "/nothing-here"}) {
    const auto page = Get(path);
    EXPECT_EQ(page.content_type, "text/html;charset=UTF-8") << path;
    const std::string policy = HeaderOf(page, "Content-Security-Policy");
    EXPECT_TRUE(policy.starts_with("default-src 'none'; style-src 'self';")) << path;
    EXPECT_NE(policy.find("form-action 'self'"), std::string::npos) << path;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << path;
    EXPECT_EQ(HeaderOf(page, "X-Frame-Options"), "DENY") << path;
    EXPECT_EQ(HeaderOf(page, "X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(HeaderOf(page, "Referrer-Policy"), "no-referrer") << path;
    EXPECT_EQ(HeaderOf(page, "Cache-Control"), "no-store") << path;
  }
}

TEST_F(PageHandlers, NewBrowserGetsACookieAndKeepsIt) {
  const auto first = Get("/activate");
  const std::string cookie = HeaderOf(first, "Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("lk-pre="));
  EXPECT_NE(cookie.find("; HttpOnly; SameSite=Lax"), std::string::npos);
  Keep(first);
  EXPECT_EQ(HeaderOf(Get("/activate"), "Set-Cookie"), "");
}

TEST_F(PageHandlers, CookieThatIsNotOursIsReplaced) {
  browser.cookies = "lk-pre=<script>";
  const std::string cookie = HeaderOf(Get("/activate"), "Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("lk-pre="));
  EXPECT_EQ(cookie.find('<'), std::string::npos);
}

TEST_F(PageHandlers, TlsMakesHostCookies) {
  world.settings.public_url = "https://sso.example";
  const std::string cookie = HeaderOf(Get("/activate"), "Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-lk-pre="));
  EXPECT_NE(cookie.find("; Secure"), std::string::npos);
}

TEST_F(PageHandlers, WhatNobodyServesIsAPageForBrowsersAndJsonForOthers) {
  const auto page = Get("/nothing-here");
  EXPECT_EQ(page.status, 404);
  EXPECT_TRUE(Shows(page, "feedfacefeedfacefeedfacefeedface"));
  browser.accept = "*/*";
  EXPECT_TRUE(Shows(Get("/nothing-here"), "\"error_code\":\"NOT_FOUND\""));
}

TEST_F(PageHandlers, TheAddressDecidesWhatAnErrorLooksLike) {
  AddDomain("login.acme.example");
  for (const auto* accept : {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "*/*", ""}) {
    browser.accept = accept;
    for (const auto* host : {"sso.example", "login.acme.example", "evil.example"}) {
      browser.host = host;
      for (const auto* path : {"/oauth/token", "/oauth/nope", "/o/acme/oauth/token",
                               "/o/acme/oauth/nope", "/o/acme/sign-in", "/o/acme", "/api/user",
                               "/.well-known/nope", "/.well-known/jwks.json"}) {
        EXPECT_EQ(Now(Send("PUT", path, {}, {})).content_type, "application/json;charset=UTF-8")
            << host << path << accept;
      }
      for (const auto* path : {"/", "/activate", "/o/acme/activate", "/sign-in", "/sign-out"}) {
        EXPECT_EQ(Now(Send("PUT", path, {}, {})).content_type, "text/html;charset=UTF-8")
            << host << path << accept;
      }
    }
  }
}

TEST_F(PageHandlers, WrongMethodNamesTheRightOnes) {
  const auto page = Now(Send("PUT", "/activate", {}, {}));
  EXPECT_EQ(page.status, 405);
  EXPECT_EQ(HeaderOf(page, "Allow"), "GET, POST");
  EXPECT_EQ(page.content_type, "text/html;charset=UTF-8");
}

TEST_F(PageHandlers, UnreadableQueryIsA400Page) {
  for (const auto* query : {"user_code=%zz", "user_code=%ff", "user_code=a&user_code=b"}) {
    const auto page = Get("/activate", query);
    EXPECT_EQ(page.status, 400) << query;
    EXPECT_EQ(page.content_type, "text/html;charset=UTF-8") << query;
  }
}

TEST_F(PageHandlers, StylesheetIsKeptForAYearUnderItsHash) {
  const std::string html = Get("/").body;
  const std::size_t at = html.find("/assets/latchkey.css?") + sizeof("/assets/latchkey.css?") - 1;
  const std::string query = html.substr(at, html.find('"', at) - at);
  EXPECT_NE(HeaderOf(Get("/assets/latchkey.css", query), "Cache-Control").find("immutable"),
            std::string::npos);
  EXPECT_EQ(HeaderOf(Get("/assets/latchkey.css", "v=other"), "Cache-Control").find("immutable"),
            std::string::npos);
}

TEST_F(PageHandlers, UnknownParametersAreNothingOnAPage) {
  for (const auto* more : {"&utm=1&utm=2", "&x=100%", "&%=%ff", "&x=%00", "&=&&", "&csrf_=%zz"}) {
    const auto page = Get("/activate", "user_code=BCDF-2345" + std::string(more));
    EXPECT_EQ(page.status, 200) << more;
    EXPECT_TRUE(Shows(page, "value=\"BCDF-2345\"")) << more;
    EXPECT_EQ(Post("/activate", "user_code=BCDF-2345" + std::string(more)).status, 303) << more;
  }
  std::string many;
  for (int i = 0; i < 200; ++i) many += "&p" + std::to_string(i) + "=1";
  EXPECT_EQ(Get("/activate", many + "&user_code=BCDF-2345").status, 200);
}

TEST_F(PageHandlers, WhatTheLoopRefusesIsAPageAtTheAddressOfOne) {
  http::Request request;
  request.path = "/activate";
  request.request_id_text = "0123456789abcdef0123456789abcdef";
  for (const int status : {400, 413, 503}) {
    http::Response refused;
    refused.status = status;
    const http::Response page = Refused(request, refused);
    EXPECT_EQ(page.status, status);
    EXPECT_EQ(page.content_type, "text/html;charset=UTF-8");
    EXPECT_NE(page.body.find("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(HeaderOf(page, "Retry-After").empty(), status != 503);
  }
  request.path = "/oauth/token";
  request.accept = "text/html,*/*";
  EXPECT_EQ(Refused(request, http::ServiceUnavailable({})).content_type,
            "application/json;charset=UTF-8");
}

// ---- forged requests ----

TEST_F(PageHandlers, FormWithoutTheTokenIsRefused) {
  Token();
  EXPECT_EQ(Now(Send("POST", "/activate", {}, "user_code=BCDF-2345")).status, 403);
  EXPECT_EQ(Now(Send("POST", "/activate", {}, "csrf=wrong&user_code=BCDF-2345")).status, 403);
}

TEST_F(PageHandlers, TokenOfAnotherBrowserIsRefused) {
  const std::string body = "csrf=" + Token() + "&user_code=BCDF-2345";
  EXPECT_EQ(Now(Send("POST", "/activate", {}, body)).status, 303);
  browser.cookies.clear();
  EXPECT_EQ(Now(Send("POST", "/activate", {}, body)).status, 403);
  Keep(Get("/"));
  EXPECT_EQ(Now(Send("POST", "/activate", {}, body)).status, 403);
}

TEST_F(PageHandlers, RequestFromAnotherSiteIsRefused) {
  for (const auto* site : {"cross-site", "same-site"}) {
    browser.sec_fetch_site = site;
    EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 403) << site;
  }
}

TEST_F(PageHandlers, OriginMustBeOurs) {
  for (const auto* origin : {"https://evil.example", "http://sso.example.evil",
                             "http://sso.example:81", "http://localhost", "file://", "http://"}) {
    browser.origin = origin;
    EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 403) << origin;
  }
  for (const auto* origin : {"http://sso.example", "null", ""}) {
    browser.origin = origin;
    EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 303) << origin;
  }
}

TEST_F(PageHandlers, OriginAtADomainIsTheDomains) {
  AddDomain("login.acme.example");
  browser.host = "login.acme.example";
  for (const auto* origin : {"http://sso.example", "http://login.acme.example:81",
                             "https://login.acme.example", "http://login.globex.example"}) {
    browser.origin = origin;
    EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 403) << origin;
  }
  for (const auto* origin : {"http://login.acme.example", "null", ""}) {
    browser.origin = origin;
    EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 303) << origin;
  }
}

TEST_F(PageHandlers, LoopbackOriginFitsTheSameLoopbackHost) {
  for (const auto& [host, origin] :
       {std::pair("localhost", "http://localhost:9000"),
        std::pair("127.0.0.1", "http://127.0.0.1:9000"), std::pair("[::1]", "http://[::1]:9000")}) {
    browser.host = host;
    browser.origin = origin;
    EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 303) << origin;
  }
}

TEST_F(PageHandlers, OnlyAFormIsTaken) {
  content_type = "application/json";
  EXPECT_EQ(Now(Send("POST", "/activate", {}, "{}")).status, 415);
}

// ---- forms of another visit ----

// The first cookie of a browser that is lost since: restarted, or a tab beside it was quicker.
class StaleForms : public PageHandlers {
 protected:
  // Sends a form whose token is of another visit; the page that comes back.
  http::Response Stale(std::string_view path, const std::string& fields) {
    const auto page = Now(Send("POST", path, {}, "csrf=" + std::string(43, 'x') + "&" + fields));
    EXPECT_EQ(page.status, 403) << path;
    EXPECT_TRUE(Shows(page, "role=\"alert\"")) << path;
    return page;
  }
  // The token of the page's form of that action.
  static std::string TokenOf(const http::Response& page, std::string_view action) {
    const std::size_t form = page.body.find("action=\"" + std::string(action) + "\"");
    if (form == std::string::npos) return "no form " + std::string(action);
    constexpr std::string_view kBefore = "name=\"csrf\" value=\"";
    const std::size_t begin = page.body.find(kBefore, form) + kBefore.size();
    return page.body.substr(begin, page.body.find('"', begin) - begin);
  }
  http::Outcome Again(const http::Response& page, std::string_view path,
                      const std::string& fields) {
    Keep(page);
    return Send("POST", path, {}, "csrf=" + TokenOf(page, path) + "&" + fields);
  }
};

TEST_F(StaleForms, OfACodeComesBackFilledInAndWorksThen) {
  for (const bool is_new : {true, false}) {
    if (!is_new) Token();
    const auto page = Stale("/activate", "user_code=bcdf+2345");
    EXPECT_EQ(HeaderOf(page, "Set-Cookie").empty(), !is_new);
    EXPECT_TRUE(Shows(page, "value=\"bcdf 2345\""));
    EXPECT_EQ(Now(Again(page, "/activate", "user_code=bcdf+2345")).status, 303);
    browser.cookies.clear();
  }
}

TEST_F(StaleForms, OfASignInComesBackWithTheAddressAndWithoutThePassword) {
  const std::string fields =
      "org=acme&user_code=BCDF-2345&email=alice%40example.com&password=alice's+password";
  const auto page = Stale("/sign-in/password", fields);
  EXPECT_TRUE(Shows(page, "alice@example.com"));
  EXPECT_TRUE(Shows(page, "BCDF-2345"));
  EXPECT_FALSE(Shows(page, "alice's"));
  const auto outcome = Again(page, "/sign-in/password", fields);
  EXPECT_NE(testing_oauth::Awaited<records::CreateSession>(outcome), nullptr);
}

TEST_F(StaleForms, OfADecisionComesBackForWhoIsSignedInAndNamesItsRow) {
  SignIn();
  const std::string session = browser.cookies.substr(browser.cookies.find("; ") + 2);
  const std::string fields = "org=acme&device=" + base::ToText(MakeId<records::DeviceCodeId>(8)) +
                             "&user_code=BCDF-2345&decision=approve";
  for (const bool is_new : {true, false}) {
    browser.cookies = session;  // the session's cookie outlives the browser
    if (!is_new) Keep(Get("/"));
    const auto page = Stale("/activate/confirm", fields);
    EXPECT_TRUE(Shows(page, "Acme CLI"));
    const auto outcome = Again(page, "/activate/confirm", fields);
    EXPECT_NE(testing_oauth::Awaited<records::DecideDeviceCode>(outcome), nullptr);
  }
}

TEST_F(StaleForms, OfADecisionIsNoGuessAtACode) {
  SignIn();
  const std::string device = "&device=" + base::ToText(MakeId<records::DeviceCodeId>(8));
  for (const std::string& fields : {"org=acme" + device + "&user_code=ZZZZ-ZZZZ&decision=approve",
                                    std::string("org=acme&user_code=BCDF-2345&decision=approve"),
                                    "org=globex" + device + "&user_code=BCDF-2345&decision=deny"}) {
    for (int i = 0; i < 6; ++i) {
      const auto page = Stale("/activate/confirm", fields);
      EXPECT_FALSE(Shows(page, "Acme CLI")) << fields;
      EXPECT_TRUE(Shows(page, "action=\"/activate\"")) << fields;
    }
  }
  EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 303) << "none of it was counted";
}

TEST_F(StaleForms, OfASignOutComesBackWhereItWas) {
  SignIn();
  const auto home = Stale("/sign-out", "org=acme");
  EXPECT_TRUE(Shows(home, "alice@example.com"));
  EXPECT_NE(testing_oauth::Awaited<records::EndSession>(Again(home, "/sign-out", "org=acme")),
            nullptr);
  const auto page = Stale("/sign-out", "org=acme&user_code=BCDF-2345&device=" +
                                           base::ToText(MakeId<records::DeviceCodeId>(8)));
  EXPECT_TRUE(Shows(page, "action=\"/activate/confirm\""));
}

TEST_F(StaleForms, OfAnotherSiteStayAPlainRefusal) {
  browser.sec_fetch_site = "cross-site";
  const auto page = Now(Send("POST", "/activate", {}, "csrf=x&user_code=BCDF-2345"));
  EXPECT_EQ(page.status, 403);
  EXPECT_EQ(HeaderOf(page, "Set-Cookie"), "");
  EXPECT_FALSE(Shows(page, "BCDF-2345"));
}

TEST_F(PageHandlers, SixtyFourOtherCookiesAndABrokenOneHideNothing) {
  Token();
  std::string others = "lk-pre=broken; ";
  for (int i = 0; i < 300; ++i) others += "c" + std::to_string(i) + "=1; ";
  browser.cookies = others + browser.cookies;
  EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 303);
}

TEST_F(PageHandlers, ControlCharactersWherePeopleTypeOrPasteAreNoDeadEnd) {
  for (const auto* code :
       {"BCDF%092345", "%0d%0aBCDF-2345%0a", "BCDF%002345", "BC%E2%80%8BDF%E2%80%932345",
        "%EF%BC%A2%EF%BD%83DF%EF%BC%8D234%EF%BC%95", "%F0%9F%98%80BCDF2345"}) {
    EXPECT_EQ(Post("/activate", "user_code=" + std::string(code)).status, 303) << code;
    EXPECT_EQ(Get("/activate", "user_code=" + std::string(code)).status, 200) << code;
  }
  EXPECT_EQ(Get("/sign-in", "org=%09acme%0d%0a").status, 200);
  EXPECT_TRUE(Shows(Get("/sign-in", "org=%09acme%0d%0a"), "name=\"password\""));
  const auto page = Post("/sign-in/password", "org=acme&email=alice%40example.com&password=a%09b");
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(Shows(page, "holds a tab"));
  EXPECT_TRUE(Shows(page, "alice@example.com"));
  EXPECT_FALSE(Shows(page, "a\tb"));
}

// ---- activation ----

TEST_F(PageHandlers, LinkFillsTheCodeInAndChecksNothing) {
  const auto page = Get("/activate", "user_code=ZZZZ-ZZZZ");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(Shows(page, "value=\"ZZZZ-ZZZZ\""));
}

TEST_F(PageHandlers, RightCodeLeadsToTheSignInOfItsOrganization) {
  const auto answer = Post("/activate", "user_code=bcdf+2345");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(HeaderOf(answer, "Location"), "/sign-in?org=acme&user_code=BCDF-2345");
}

TEST_F(PageHandlers, RightCodeLeadsOnWhereSomebodyIsSignedIn) {
  SignIn();
  EXPECT_EQ(HeaderOf(Post("/activate", "user_code=BCDF2345"), "Location"),
            "/activate/confirm?user_code=BCDF-2345");
}

TEST_F(PageHandlers, WrongUsedAndExpiredCodesAreAnsweredAlike) {
  const auto wrong = Post("/activate", "user_code=ZZZZ-ZZZZ");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_TRUE(Shows(wrong, "value=\"ZZZZ-ZZZZ\""));
  constexpr std::string_view kWords = "This code is not valid.";
  EXPECT_TRUE(Shows(wrong, kWords));
  world.rows.device_codes[0].state = records::DeviceCodeState::kApproved;
  const auto used = Post("/activate", "user_code=BCDF-2345");
  EXPECT_EQ(used.status, 400);
  EXPECT_TRUE(Shows(used, kWords));
  world.rows.device_codes[0].state = records::DeviceCodeState::kPending;
  world.clock.Advance(base::seconds(900));
  const auto expired = Post("/activate", "user_code=BCDF-2345");
  EXPECT_EQ(expired.status, 400);
  EXPECT_TRUE(Shows(expired, kWords));
}

TEST_F(PageHandlers, BrowserThatGuessedTooOftenIsRefusedEvenTheRightCode) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Post("/activate", "user_code=ZZZZ-ZZZZ").status, 400);
  const auto refused = Post("/activate", "user_code=BCDF-2345");
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(HeaderOf(refused, "Retry-After"), "");
}

TEST_F(PageHandlers, ManyWrongCodesFromEverywhereAskForTheOrganization) {
  world.settings.user_code_attempts_per_session = 1000;
  for (int i = 0; i < 50; ++i) Post("/activate", "user_code=ZZZZ-ZZZZ");
  EXPECT_TRUE(Shows(Get("/activate"), "name=\"org\""));
  EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 400);
  EXPECT_EQ(Post("/activate", "user_code=BCDF-2345&org=globex").status, 400);
  EXPECT_EQ(Get("/activate/confirm", "user_code=BCDF-2345").status, 400) << "no way round";
  EXPECT_EQ(Post("/activate", "user_code=BCDF-2345&org=acme").status, 303);
}

TEST_F(PageHandlers, ADomainNamesTheOrganizationWhileWrongCodesAreMany) {
  AddDomain("login.acme.example");
  world.settings.user_code_attempts_global = 0;
  EXPECT_TRUE(Shows(Get("/activate"), "name=\"org\""));
  browser.host = "login.acme.example";
  EXPECT_FALSE(Shows(Get("/activate"), "name=\"org\""));
  EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 303);
}

TEST_F(PageHandlers, ConfirmNeedsASessionOfTheCodesOrganization) {
  Keep(Get("/"));
  EXPECT_EQ(HeaderOf(Get("/activate/confirm", "user_code=BCDF-2345"), "Location"),
            "/sign-in?org=acme&user_code=BCDF-2345");
  SignIn();
  world.rows.device_codes[0].organization_id = MakeId<records::OrganizationId>(2);
  world.rows.clients[0].organization_id = MakeId<records::OrganizationId>(2);
  world.rows.services[0].organization_id = MakeId<records::OrganizationId>(2);
  EXPECT_EQ(HeaderOf(Get("/activate/confirm", "user_code=BCDF-2345"), "Location"),
            "/sign-in?org=globex&user_code=BCDF-2345");
  const auto answer = Post("/activate/confirm", "user_code=BCDF-2345&decision=approve");
  EXPECT_EQ(HeaderOf(answer, "Location"), "/sign-in?org=globex&user_code=BCDF-2345");
}

TEST_F(PageHandlers, ConfirmSaysWhatTheAppMayDoWhereAndForHowLong) {
  SignIn();
  records::DeviceCodeRow& code = world.rows.device_codes[0];
  const auto before = Get("/activate/confirm", "user_code=BCDF-2345");
  EXPECT_EQ(before.status, 200);
  EXPECT_FALSE(Shows(before, "See your e-mail address"));
  code.scope = "openid email";
  code.resource = "https://api.acme.example";
  world.rows.services[0].resources = code.resource;
  world.settings.refresh_token_absolute_s = 180 * 86400;
  const auto page = Get("/activate/confirm", "user_code=BCDF-2345");
  for (const auto* text : {"See your e-mail address", "https://api.acme.example", "180 days"}) {
    EXPECT_TRUE(Shows(page, text)) << text;
  }
  struct Lifetime {
    std::int64_t seconds;
    const char* text;
  };
  world.rows.clients[0].refresh_token_allowed = false;
  for (const auto& [seconds, text] :
       {Lifetime{3600, "1 hour at"}, Lifetime{5400, "90 minutes at"}, Lifetime{86400, "1 day at"},
        Lifetime{90000, "25 hours at"}, Lifetime{61, "61 seconds at"}}) {
    world.rows.services[0].access_token_lifetime_s = seconds;
    EXPECT_TRUE(Shows(Get("/activate/confirm", "user_code=BCDF-2345"), text)) << text;
  }
}

// ---- what other sites make a browser ask ----

TEST_F(PageHandlers, WhatAnotherSitePutsIntoItsPageIsRefusedAndCountsNothing) {
  world.settings.user_code_attempts_per_address = 5;
  for (const char* site : {"cross-site", "same-site"}) {
    for (const auto& [mode, dest] :
         {std::pair{"no-cors", "image"}, std::pair{"cors", "empty"},
          std::pair{"navigate", "iframe"}, std::pair{"", "script"}, std::pair{"no-cors", ""}}) {
      browser = {.sec_fetch_site = site, .sec_fetch_mode = mode, .sec_fetch_dest = dest};
      for (const char* path : {"/activate/confirm", "/activate", "/sign-in", "/set-password",
                               "/forgot-password", "/activate/result", "/"}) {
        EXPECT_EQ(Get(path, "user_code=ZZZZ-ZZZZ&token=x").status, 403) << site << path << dest;
      }
    }
  }
  browser = {};
  EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 303);
  EXPECT_EQ(world.limits.keys(domain::LimitPurpose::kUserCodeForm), 0U);
  EXPECT_EQ(world.limits.keys(domain::LimitPurpose::kUserCodeLink), 0U);
}

// A link of a chat or a mail, a QR code: the person arrives with nothing, and has one press more.
TEST_F(PageHandlers, AConfirmLinkShowsAFreshBrowserTheFormWithTheCodeAndLooksNothingUp) {
  browser.sec_fetch_site = "cross-site";
  for (int i = 0; i < 200; ++i) {
    const auto page = Get("/activate/confirm", "user_code=ZZZZ-ZZZZ");
    ASSERT_EQ(page.status, 200) << i;
    ASSERT_TRUE(Shows(page, "value=\"ZZZZ-ZZZZ\""));
  }
  for (const char* site : {"cross-site", "none", ""}) {
    browser = {.sec_fetch_site = site};
    Keep(Get("/activate/confirm", "user_code=BCDF-2345"));
    browser.sec_fetch_site = "same-origin";
    EXPECT_EQ(HeaderOf(Post("/activate", "user_code=BCDF-2345"), "Location"),
              "/sign-in?org=acme&user_code=BCDF-2345")
        << site;
  }
}

TEST_F(PageHandlers, AnotherSitesLinkIsNotLookedUpForAKnownBrowserEither) {
  SignIn();
  for (const char* site : {"cross-site", "same-site"}) {
    browser.sec_fetch_site = site;
    EXPECT_TRUE(Shows(Get("/activate/confirm", "user_code=BCDF-2345"), "action=\"/activate\""));
  }
  browser.sec_fetch_site = "none";
  EXPECT_TRUE(
      Shows(Get("/activate/confirm", "user_code=BCDF-2345"), "action=\"/activate/confirm\""));
  EXPECT_EQ(world.limits.keys(domain::LimitPurpose::kUserCodeLink), 0U);
}

// A cookie is easily made up: links have an end, too, and nobody else's form feels it.
TEST_F(PageHandlers, WrongCodesInLinksEndInTheFormAndLockNobodyOut) {
  world.settings.user_code_attempts_per_address = 5;
  world.settings.user_code_attempts_global = 1000;
  for (int i = 0; i < 50; ++i) {
    browser = {};
    Keep(Get("/"));
    const auto page = Get("/activate/confirm", "user_code=ZZZZ-ZZZZ");
    EXPECT_EQ(page.status, i < 5 ? 400 : 429) << i;
    EXPECT_TRUE(Shows(page, "value=\"ZZZZ-ZZZZ\"")) << i;
  }
  SignIn();
  const auto link = Get("/activate/confirm", "user_code=BCDF-2345");
  EXPECT_EQ(link.status, 429) << "it says so";
  EXPECT_EQ(HeaderOf(link, "Retry-After"), std::to_string(world.settings.guess_window_s));
  EXPECT_TRUE(Shows(link, "role=\"alert\""));
  EXPECT_TRUE(Shows(link, "action=\"/activate\""));
  const auto found = Post("/activate", "user_code=BCDF-2345");
  EXPECT_EQ(HeaderOf(found, "Location"), "/activate/confirm?user_code=BCDF-2345");
  Keep(found);
  EXPECT_TRUE(
      Shows(Get("/activate/confirm", "user_code=BCDF-2345"), "action=\"/activate/confirm\""));
}

// ---- what the form found goes on without a second guess ----

class FoundCodes : public PageHandlers {
 protected:
  // A browser of the same network whose form finds the code, once strangers of it spent the links' budget.
  void FindIt() {
    world.settings.user_code_attempts_per_address = 5;
    for (int i = 0; i < 5; ++i) {
      browser = {.host = browser.host};
      Keep(Get("/"));
      Get("/activate/confirm", "user_code=ZZZZ-ZZZZ");
    }
    browser = {.host = browser.host};
    Keep(Get("/"));
    EXPECT_EQ(Link(), 429);
    const auto found = Post("/activate", "user_code=bcdf+2345");
    EXPECT_EQ(found.status, 303);
    Keep(found);
  }
  int Link(std::string_view code = "BCDF-2345") {
    return Get("/activate/confirm", "user_code=" + std::string(code)).status;
  }
};

TEST_F(FoundCodes, GoOnThroughTheSignIn) {
  for (const char* host : {"sso.example", "login.acme.example"}) {
    AddDomain("login.acme.example");
    browser.host = host;
    AddDeviceCode();
    FindIt();
    EXPECT_EQ(HeaderOf(Get("/activate/confirm", "user_code=BCDF-2345"), "Location"),
              "/sign-in?org=acme&user_code=BCDF-2345");
    world.clock.Advance(base::seconds(500));
    SignIn();
    EXPECT_TRUE(
        Shows(Get("/activate/confirm", "user_code=bcdf2345"), "action=\"/activate/confirm\""));
  }
}

TEST_F(FoundCodes, AreThisBrowsersAndThisCodeForSomeMinutes) {
  world.settings.guess_window_s = 3600;
  FindIt();
  const std::string mine = browser.cookies;
  EXPECT_EQ(Link(), 303);
  EXPECT_EQ(Link("ZZZZ-ZZZZ"), 429);
  world.rows.device_codes.push_back(world.rows.device_codes[0]);
  world.rows.device_codes[1].user_code = "GHJK-2345";
  EXPECT_EQ(Link("GHJK-2345"), 429) << "another code, live as it is";

  const std::size_t at = mine.find("lk-code=");
  ASSERT_NE(at, std::string::npos);
  browser.cookies = mine.substr(at);
  EXPECT_EQ(Link(), 200) << "no browser: the form";
  browser = {};
  Keep(Get("/"));
  browser.cookies += mine.substr(at);
  EXPECT_EQ(Link(), 429) << "another browser";

  browser.cookies = mine;
  world.clock.Advance(base::seconds(599));
  EXPECT_EQ(Link(), 303);
  world.clock.Advance(base::seconds(1));
  EXPECT_EQ(Link(), 429) << "later";
}

TEST_F(FoundCodes, AreNotMadeUp) {
  FindIt();
  const std::size_t at = browser.cookies.find("lk-code=") + 8;
  const std::string before = browser.cookies.substr(0, at);
  const std::string value = browser.cookies.substr(at, browser.cookies.find(';', at) - at);
  const std::size_t dot = value.find('.');
  const std::string mac = value.substr(dot + 1);
  const std::int64_t time = std::stoll(value.substr(0, dot));
  for (const std::string& made_up :
       {std::string(), std::string("."), mac, "." + mac, value.substr(0, dot + 1), value + "x",
        value.substr(0, value.size() - 1), "+" + value, "0" + value,
        std::to_string(time - 1) + "." + mac, std::to_string(time + 1) + "." + mac,
        "9223372036854775807." + mac, "-9223372036854775808." + mac, "99999999999999999999." + mac,
        value.substr(0, dot) + "." + std::string(43, 'A')}) {
    browser.cookies = before + made_up;
    EXPECT_EQ(Link(), 429) << made_up;
  }
  browser.cookies = before + "x; lk-code=" + value;
  EXPECT_EQ(Link(), 303) << "a sister host's stands before it";
}

TEST_F(FoundCodes, ThatWereNotLiveAreNone) {
  for (const char* code : {"ZZZZ-ZZZZ", "", "BCDF"}) {
    EXPECT_EQ(HeaderOf(Post("/activate", "user_code=" + std::string(code)), "Set-Cookie"), "");
  }
  EXPECT_EQ(HeaderOf(Get("/activate/confirm", "user_code=BCDF-2345"), "Set-Cookie"), "");
}

// However often it is asked about, and gone: no guess, and no code of another's.
TEST_F(FoundCodes, CountNothingWhenTheyAreLiveNoMore) {
  FindIt();
  const std::size_t browsers = world.limits.keys(domain::LimitPurpose::kUserCodeBrowser);
  const std::size_t forms = world.limits.keys(domain::LimitPurpose::kUserCodeForm);
  world.rows.device_codes[0].state = records::DeviceCodeState::kDenied;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Link(), 400);
  EXPECT_EQ(world.limits.keys(domain::LimitPurpose::kUserCodeBrowser), browsers);
  EXPECT_EQ(world.limits.keys(domain::LimitPurpose::kUserCodeForm), forms);
  AddDeviceCode();
  EXPECT_EQ(Post("/activate", "user_code=BCDF-2345").status, 303);
}

// Somebody of the network types wrong codes while another reads the page of the decision.
TEST_F(FoundCodes, AreDecidedWhateverOthersTypeMeanwhile) {
  FindIt();
  SignIn();
  const std::string mine = browser.cookies;
  browser = {};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Post("/activate", "user_code=ZZZZ-ZZZZ").status, 400);
  browser.cookies = mine;
  for (const bool has_cookie : {true, false}) {
    if (!has_cookie)
      browser.cookies = mine.substr(0, mine.find("lk-code=")) +
                        mine.substr(mine.find("; ", mine.find("lk-code=")) + 2);
    const auto refused = Post("/activate", "user_code=BCDF-2345");
    EXPECT_EQ(refused.status, 429) << "the form is asked each time";
    EXPECT_NE(HeaderOf(refused, "Retry-After"), "");
    const auto outcome = PostForm("/activate/confirm", kApproveForm);
    EXPECT_NE(testing_oauth::Awaited<records::DecideDeviceCode>(outcome), nullptr)
        << "it was shown: " << has_cookie;
  }
  EXPECT_EQ(Post("/activate/confirm", "org=acme&user_code=BCDF-2345&decision=approve").status, 429)
      << "a guess";
}

TEST_F(FoundCodes, NeedNoOrganizationASecondTimeWhileWrongCodesAreMany) {
  world.settings.user_code_attempts_global = 0;
  Keep(Post("/activate", "user_code=BCDF-2345&org=acme"));
  EXPECT_EQ(HeaderOf(Get("/activate/confirm", "user_code=BCDF-2345"), "Location"),
            "/sign-in?org=acme&user_code=BCDF-2345");
}

TEST_F(PageHandlers, LinksAndFormsNameTheOrganizationWhileWrongCodesAreMany) {
  world.settings.user_code_attempts_global = 0;
  Keep(Get("/"));
  EXPECT_EQ(Get("/activate/confirm", "user_code=BCDF-2345&org=ACME").status, 303);
  EXPECT_EQ(Get("/activate/confirm", "user_code=BCDF-2345&org=globex").status, 400);
  EXPECT_EQ(HeaderOf(Post("/activate/confirm", kApproveForm), "Location"),
            "/sign-in?org=acme&user_code=BCDF-2345")
      << "the grant has ended meanwhile";
  const auto right = Get("/activate/confirm", "user_code=BCDF-2345");
  const auto wrong = Get("/activate/confirm", "user_code=ZZZZ-ZZZZ");
  EXPECT_EQ(right.status, wrong.status);
  for (const auto* page : {&right, &wrong}) {
    EXPECT_TRUE(Shows(*page, "Name its organization"));
    EXPECT_TRUE(Shows(*page, "name=\"org\""));
  }
  EXPECT_TRUE(Shows(Post("/activate", "user_code=BCDF-2345"), "Name its organization"));
}

TEST_F(PageHandlers, AnOrganizationsActivationPageNamesItWhereItIsAskedFor) {
  EXPECT_EQ(HeaderOf(Get("/o/acme/activate", "user_code=bcdf2345"), "Location"),
            "/activate?user_code=BCDF-2345");
  EXPECT_EQ(HeaderOf(Get("/o/acme/activate", "user_code=" + std::string(6000, 'B')), "Location"),
            "/activate");
  world.settings.user_code_attempts_global = 0;
  EXPECT_EQ(HeaderOf(Get("/o/acme/activate"), "Location"), "/activate?org=acme");
  EXPECT_EQ(HeaderOf(Get("/o/acme/activate", "user_code=BCDF-2345"), "Location"),
            "/activate?user_code=BCDF-2345&org=acme");
  EXPECT_EQ(HeaderOf(Get("/o/" + std::string(6000, 'a') + "/activate"), "Location"), "/activate")
      << "of no organization";
  EXPECT_TRUE(Shows(Get("/activate", "user_code=BCDF-2345&org=acme"), "value=\"acme\""));
}

TEST_F(PageHandlers, PagesOfOtherSitesMayNotAskWhatACodeBelongsTo) {
  AddDomain("login.acme.example");
  world.settings.user_code_attempts_per_address = 5;
  struct Asked {
    const char *site, *origin, *host, *path;
  };
  for (const Asked& asked :
       {Asked{"", "https://evil.example", "sso.example", "/auth/device/verify"},
        Asked{"cross-site", "", "sso.example", "/auth/device/verify"},
        Asked{"same-site", "", "sso.example", "/auth/device/verify"},
        Asked{"", "null", "sso.example", "/auth/device/verify"},
        Asked{"", "https://evil.example", "sso.example", "/o/acme/auth/device/verify"},
        Asked{"", "http://sso.example", "login.acme.example", "/auth/device/verify"}}) {
    browser = {.origin = asked.origin, .sec_fetch_site = asked.site, .host = asked.host};
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(Now(Send("POST", asked.path, {}, "user_code=ZZZZ-ZZZZ")).status, 403)
          << asked.site << asked.origin << asked.path;
    }
  }
  for (const Asked& asked :
       {Asked{"", "", "sso.example", "/auth/device/verify"},
        Asked{"same-origin", "http://sso.example", "sso.example", "/auth/device/verify"},
        Asked{"", "http://sso.example", "sso.example", "/o/acme/auth/device/verify"},
        Asked{"", "http://login.acme.example", "login.acme.example", "/auth/device/verify"}}) {
    browser = {.origin = asked.origin, .sec_fetch_site = asked.site, .host = asked.host};
    EXPECT_EQ(Now(Send("POST", asked.path, {}, "user_code=BCDF-2345")).status, 200)
        << asked.site << asked.origin << asked.path;
  }
}

// ---- limits that a person meets ----

TEST_F(PageHandlers, ALimitTellsAPersonHowLongItHolds) {
  for (int i = 0; i < 5; ++i) Post("/activate", "user_code=ZZZZ-ZZZZ");
  world.clock.Advance(base::seconds(100));
  EXPECT_EQ(HeaderOf(Post("/activate", "user_code=BCDF-2345"), "Retry-After"),
            std::to_string(world.settings.guess_window_s - 100));
  world.settings.password_attempts_per_address = 1;
  testing_accounts::Finish(
      PostForm("/sign-in/password", "org=acme&email=x%40y.example&password=x"));
  world.clock.Advance(base::seconds(7));
  EXPECT_EQ(
      HeaderOf(Post("/sign-in/password", "org=acme&email=x%40y.example&password=x"), "Retry-After"),
      std::to_string(world.settings.guess_window_s - 7));
}

TEST_F(PageHandlers, AnAccountThatDecidesTooOftenIsToldSo) {
  world.settings.approvals_per_account = 1;
  SignIn();
  testing_accounts::Finish(PostForm("/activate/confirm", kDenyForm));
  const auto refused = Post("/activate/confirm", kApproveForm);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(HeaderOf(refused, "Retry-After"), "60");
  EXPECT_TRUE(Shows(refused, "value=\"BCDF-2345\"")) << "the code is kept";
}

TEST_F(PageHandlers, AnAccountThatSignsInTooOftenIsToldSo) {
  world.settings.sign_ins_per_account = 1;
  SignIn();
  const auto refused =
      Post("/sign-in/password", "org=acme&email=alice%40example.com&password=alice's+password");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(HeaderOf(refused, "Retry-After"), "60");
}

// ---- readiness ----

TEST_F(PageHandlers, ReadinessIsProbedOnceASecondHoweverManyAsk) {
  LastProbe last;
  app.last_probe = &last;
  const auto first = Send("GET", "/readyz", {}, {});
  ASSERT_NE(testing_oauth::Awaited<records::Probe>(first), nullptr);
  EXPECT_EQ(testing_accounts::Finish(first).status, 200);
  world.clock.Advance(base::milliseconds(999));
  EXPECT_EQ(Get("/readyz").status, 200) << "shared";
  world.clock.Advance(base::milliseconds(1));
  const auto second = Send("GET", "/readyz", {}, {});
  ASSERT_NE(testing_oauth::Awaited<records::Probe>(second), nullptr);
  EXPECT_EQ(testing_accounts::Finish(second, base::Code::kUnavailable).status, 503);
  EXPECT_EQ(Get("/readyz").status, 503) << "what went wrong is shared, too";
}

TEST_F(PageHandlers, ConfirmShowsWhatIsAskedAndEscapesIt) {
  SignIn();
  world.clock.Advance(base::seconds(130));
  const auto page = Get("/activate/confirm", "user_code=BCDF-2345");
  EXPECT_EQ(page.status, 200);
  for (const auto* text : {"Acme CLI", "The acme company", "BCDF-2345", "203.0.113.24",
                           "2 minutes ago", "alice@example.com", "cli/1.0 &lt;b&gt;"}) {
    EXPECT_TRUE(Shows(page, text)) << text;
  }
}

TEST_F(PageHandlers, ApprovalIsWrittenInTheNameOfWhoIsSignedIn) {
  SignIn();
  const auto outcome = PostForm("/activate/confirm", kApproveForm);
  const auto* record = testing_oauth::Awaited<records::DecideDeviceCode>(outcome);
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(record->approve);
  EXPECT_EQ(record->device_code_id, MakeId<records::DeviceCodeId>(8));
  EXPECT_EQ(record->organization_id, Acme());
  EXPECT_EQ(record->user_id, MakeId<records::UserId>(1));
  EXPECT_EQ(record->amr, "pwd");
  EXPECT_EQ(record->record_id, MakeId<records::RecordId>(42));
  EXPECT_EQ(HeaderOf(testing_accounts::Finish(outcome), "Location"),
            "/activate/result?status=approved");
}

TEST_F(PageHandlers, RefusalIsWrittenToo) {
  SignIn();
  const auto outcome = PostForm("/activate/confirm", kDenyForm);
  const auto* record = testing_oauth::Awaited<records::DecideDeviceCode>(outcome);
  ASSERT_NE(record, nullptr);
  EXPECT_FALSE(record->approve);
  EXPECT_EQ(HeaderOf(testing_accounts::Finish(outcome), "Location"),
            "/activate/result?status=denied");
}

TEST_F(PageHandlers, DecisionThatComesTooLateSaysSo) {
  SignIn();
  const auto outcome = PostForm("/activate/confirm", kApproveForm);
  EXPECT_EQ(testing_accounts::Finish(outcome, base::Code::kConflict).status, 400);
  const auto down = testing_accounts::Finish(outcome, base::Code::kUnavailable);
  EXPECT_EQ(down.status, 503);
  EXPECT_TRUE(Shows(down, "feedfacefeedfacefeedfacefeedface"));
}

TEST_F(PageHandlers, ConfirmPageNamesTheRequestItDecidesOn) {
  SignIn();
  EXPECT_TRUE(Shows(Get("/activate/confirm", "user_code=BCDF-2345"),
                    "name=\"device\" value=\"08000000-0000-0000-0000-000000000000\""));
}

// The user code is another device's since the page was drawn, or the form was made up.
TEST_F(PageHandlers, DecisionAboutAnotherDeviceThanShownDrawsThePageAgain) {
  SignIn();
  for (const char* device :
       {"&device=99000000-0000-0000-0000-000000000000", "&device=nonsense", ""}) {
    for (const char* decision : {"approve", "deny"}) {
      const auto outcome =
          PostForm("/activate/confirm",
                   "user_code=BCDF-2345" + std::string(device) + "&decision=" + decision);
      const auto* page = std::get_if<http::Response>(&outcome);
      ASSERT_NE(page, nullptr) << "nothing is decided: " << device;
      EXPECT_EQ(page->status, 200);
      EXPECT_TRUE(Shows(*page, "name=\"device\" value=\"08000000-0000-0000-0000-000000000000\""));
    }
  }
}

TEST_F(PageHandlers, ButtonPressedTwiceGetsTheSameAnswer) {
  SignIn();
  records::DeviceCodeRow& row = world.rows.device_codes[0];
  row.user_id = MakeId<records::UserId>(1);
  row.state = records::DeviceCodeState::kApproved;
  EXPECT_EQ(HeaderOf(Post("/activate/confirm", kApproveForm), "Location"),
            "/activate/result?status=approved");
  row.state = records::DeviceCodeState::kRedeemed;
  EXPECT_EQ(HeaderOf(Post("/activate/confirm", kApproveForm), "Location"),
            "/activate/result?status=approved");
  EXPECT_EQ(Post("/activate/confirm", kDenyForm).status, 400) << "too late";
  row.state = records::DeviceCodeState::kDenied;
  EXPECT_EQ(HeaderOf(Post("/activate/confirm", kDenyForm), "Location"),
            "/activate/result?status=denied");
  EXPECT_EQ(Post("/activate/confirm", kApproveForm).status, 400) << "too late";
}

TEST_F(PageHandlers, DecisionOfSomebodyElseIsNotClaimed) {
  SignIn();
  records::DeviceCodeRow& row = world.rows.device_codes[0];
  row.state = records::DeviceCodeState::kApproved;
  row.user_id = MakeId<records::UserId>(2);
  EXPECT_EQ(Post("/activate/confirm", kApproveForm).status, 400);
}

TEST_F(PageHandlers, OfTwoPressesAtOnceBothAreToldTheOutcome) {
  SignIn();
  const auto outcome = PostForm("/activate/confirm", kApproveForm);
  world.rows.device_codes[0].state = records::DeviceCodeState::kApproved;
  world.rows.device_codes[0].user_id = MakeId<records::UserId>(1);
  EXPECT_EQ(HeaderOf(testing_accounts::Finish(outcome, base::Code::kConflict), "Location"),
            "/activate/result?status=approved");
}

TEST_F(PageHandlers, FormWithoutADecisionDecidesNothing) {
  SignIn();
  EXPECT_EQ(Post("/activate/confirm", "user_code=BCDF-2345").status, 400);
  EXPECT_EQ(Post("/activate/confirm", "user_code=BCDF-2345&decision=yes").status, 400);
}

TEST_F(PageHandlers, ResultPageSaysWhichAndNothingElse) {
  EXPECT_TRUE(Shows(Get("/activate/result", "status=approved"), "connected"));
  EXPECT_TRUE(Shows(Get("/activate/result", "status=denied"), "You refused"));
  EXPECT_EQ(HeaderOf(Get("/activate/result", "status=other"), "Location"), "/activate");
}

// ---- sign-in ----

TEST_F(PageHandlers, SignInWithoutAnOrganizationAsksForOne) {
  EXPECT_EQ(Get("/sign-in").status, 200);
  const auto unknown = Get("/sign-in", "org=initech");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_TRUE(Shows(unknown, "value=\"initech\""));
}

TEST_F(PageHandlers, OrganizationMayBeTypedInCapitals) {
  EXPECT_TRUE(Shows(Get("/sign-in", "org=+ACME+"), "Sign in to The acme company"));
}

TEST_F(PageHandlers, SignInSetsTheCookieOfItsOrganizationAndLeadsOn) {
  const auto outcome =
      PostForm("/sign-in/password",
               "org=acme&user_code=BCDF-2345&email=alice%40example.com&password=alice's+password");
  const auto answer = testing_accounts::Finish(outcome);
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(HeaderOf(answer, "Location"), "/activate/confirm?user_code=BCDF-2345");
  const std::string cookie = HeaderOf(answer, "Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("lk-" + base::HexEncode(Acme().bytes) + "="));
  EXPECT_NE(cookie.find("; HttpOnly; SameSite=Lax; Max-Age=43200"), std::string::npos);
}

TEST_F(PageHandlers, WrongPasswordKeepsTheEmailAndNotThePassword) {
  const auto outcome =
      PostForm("/sign-in/password", "org=acme&email=alice%40example.com&password=hunter2hunter2");
  EXPECT_NE(testing_oauth::Awaited<records::RecordFailedSignIn>(outcome), nullptr);
  const auto page = testing_accounts::Finish(outcome);
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(Shows(page, "value=\"alice@example.com\""));
  EXPECT_TRUE(Shows(page, "role=\"alert\""));
  EXPECT_FALSE(Shows(page, "hunter2"));
  EXPECT_EQ(HeaderOf(page, "Set-Cookie"), "");
}

TEST_F(PageHandlers, SignInLeadsNowhereButToOurOwnPages) {
  const auto outcome =
      PostForm("/sign-in/password",
               "org=acme&user_code=%2F%2Fevil.example&next=https%3A%2F%2Fevil.example"
               "&email=alice%40example.com&password=alice's+password");
  EXPECT_EQ(HeaderOf(testing_accounts::Finish(outcome), "Location"), "/");
}

TEST_F(PageHandlers, WhoIsSignedInIsNotAskedAgain) {
  SignIn();
  EXPECT_EQ(HeaderOf(Get("/sign-in", "org=acme"), "Location"), "/");
  EXPECT_TRUE(Shows(Get("/"), "alice@example.com"));
  EXPECT_EQ(Get("/sign-in", "org=globex").status, 200) << "another organization, another sign-in";
}

TEST_F(PageHandlers, DatabaseThatIsAwayIsA503Page) {
  SignIn();
  world.rows.down = true;
  const auto page = Get("/");
  EXPECT_EQ(page.status, 503);
  EXPECT_NE(HeaderOf(page, "Retry-After"), "");
  EXPECT_EQ(page.content_type, "text/html;charset=UTF-8");
}

TEST_F(PageHandlers, SignOutEndsTheSessionAndTakesTheCookie) {
  SignIn();
  const auto outcome = PostForm("/sign-out", "org=acme&user_code=BCDF-2345");
  ASSERT_NE(testing_oauth::Awaited<records::EndSession>(outcome), nullptr);
  const auto answer = testing_accounts::Finish(outcome);
  EXPECT_EQ(HeaderOf(answer, "Location"), "/sign-in?org=acme&user_code=BCDF-2345");
  EXPECT_NE(HeaderOf(answer, "Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(testing_accounts::Finish(outcome, base::Code::kUnavailable).status, 503);
}

TEST_F(PageHandlers, ForgottenPasswordNamesWhomToAsk) {
  EXPECT_TRUE(Shows(Get("/forgot-password", "org=acme"), "the administrator of The acme company"));
  world.settings.support_contact = "help@acme.example";
  EXPECT_TRUE(Shows(Get("/forgot-password", "org=acme"), "mailto:help@acme.example"));
}

// ---- passwords ----

class PasswordPages : public PageHandlers {
 protected:
  PasswordPages() {
    records::PasswordLinkRow row;
    row.id = MakeId<records::PasswordLinkId>(4);
    row.organization_id = Acme();
    row.user_id = MakeId<records::UserId>(1);
    row.secret_hash = world.hashes.Sha256(domain::Secret{1});
    row.expires_at = world.clock.Now() + base::seconds(60);
    row.user_email = "alice@example.com";
    world.rows.password_links = {row};
  }
  const std::string token =
      domain::EncodeSplitToken(MakeId<records::PasswordLinkId>(4), domain::Secret{1});
};

TEST_F(PasswordPages, LinkShowsWhoseItIsAndTheFormSetsIt) {
  EXPECT_TRUE(Shows(Get("/set-password", "token=" + token), "alice@example.com"));
  const auto outcome = PostForm(
      "/set-password/save", "token=" + token + "&password=correct+horse&repeated=correct+horse");
  ASSERT_NE(testing_oauth::Awaited<records::RedeemPasswordLink>(outcome), nullptr);
  const auto page = testing_accounts::Finish(outcome);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(Shows(page, "/sign-in?org=acme"));
  EXPECT_FALSE(Shows(page, token));
}

// By type: no handler of a form runs without them.
static_assert(!std::is_constructible_v<FormRequest, PageRequest>);

TEST_F(PageHandlers, EveryFormOfTheTableIsCheckedAgainstForgedRequests) {
  Token();
  for (const http::Route& route : http::kRoutes) {
    if (route.kind != http::Kind::kForm) continue;
    browser.sec_fetch_site = "cross-site";
    EXPECT_TRUE(Shows(Post(route.path, ""), "not sent from this site")) << route.path;
    browser.sec_fetch_site = "same-origin";
    browser.origin = "https://evil.example";
    EXPECT_TRUE(Shows(Post(route.path, ""), "not sent from this site")) << route.path;
    browser.origin = "null";
  }
}

TEST_F(PageHandlers, EveryPageOfTheTableRefusesToBeEmbeddedAndReadsItsQueryAsItSays) {
  for (const http::Route& route : http::kRoutes) {
    if (route.kind != http::Kind::kPage) continue;
    const bool is_read = route.query != http::Query::kUnread;
    EXPECT_EQ(Get(route.path, "org=%zz").status == 400, is_read) << route.path;
    browser.sec_fetch_site = "cross-site";
    browser.sec_fetch_dest = "image";
    EXPECT_EQ(Get(route.path).status, 403) << route.path;
    browser = {};
  }
}

// nginx counts against its limit of passwords only what may be hashed (nginx/http.conf): so nothing else may be.
TEST_F(PasswordPages, NothingIsHashedForAnotherSiteAtAnyIssuer) {
  AddDomain("login.acme.example");
  const std::string session = "org=acme&email=alice%40example.com&password=alice's+password";
  const std::string save = "token=" + token + "&password=correct+horse&repeated=correct+horse";
  const auto hashed = [this] { return world.hasher.verifications + world.hasher.hashes; };
  for (const char* host : {"sso.example", "login.acme.example"}) {
    browser = {.host = host};
    Token();
    for (const char* site : {"cross-site", "same-site", "Same-Origin", "same-origin, cross-site",
                             "none, none", "null", "x"}) {
      browser.sec_fetch_site = site;
      EXPECT_EQ(Post("/sign-in/password", session).status, 403) << host << site;
      EXPECT_EQ(Post("/set-password/save", save).status, 403) << host << site;
      Get("/sign-in/password", session);
      Now(Send("PUT", "/sign-in/password", {}, "csrf=" + Token() + "&" + session));
    }
    EXPECT_EQ(hashed(), 0) << host;
  }
  browser = {};
  for (const char* path : {"/o/acme/sign-in/password", "/o/acme/set-password/save"}) {
    EXPECT_EQ(Post(path, session + "&" + save).status, 404) << path;
  }
  EXPECT_EQ(hashed(), 0);
  for (const char* site : {"same-origin", "none", ""}) {
    for (const auto& [path, form] :
         {std::pair{"/sign-in/password", session}, std::pair{"/set-password/save", save}}) {
      browser.sec_fetch_site = site;
      const int before = hashed();
      PostForm(path, form);
      EXPECT_GT(hashed(), before) << site << path;
    }
  }
}

TEST_F(PasswordPages, UnfitPasswordAsksAgainUnderTheSameLink) {
  const auto page = Post("/set-password/save", "token=" + token + "&password=short&repeated=short");
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(Shows(page, "too short"));
  EXPECT_TRUE(Shows(page, "value=\"" + token + "\""));
}

TEST_F(PasswordPages, TabsAroundTheLinksTokenAndInThePasswordAreNoDeadEnd) {
  EXPECT_EQ(Get("/set-password", "token=%20" + token + "%0d%0a").status, 200);
  const auto page =
      Post("/set-password/save",
           "token=" + token + "%09&password=corr%09ect+horse&repeated=corr%09ect+horse");
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(Shows(page, "control character, such as a tab"));
  EXPECT_TRUE(Shows(page, "value=\"" + token + "\""));
}

TEST_F(PasswordPages, AFormOfAnotherVisitComesBackUnderTheSameLink) {
  const auto page =
      Now(Send("POST", "/set-password/save", {},
               "csrf=x&token=" + token + "&password=correct+horse&repeated=correct+horse"));
  EXPECT_EQ(page.status, 403);
  EXPECT_TRUE(Shows(page, "value=\"" + token + "\""));
  EXPECT_FALSE(Shows(page, "correct horse"));
  EXPECT_NE(HeaderOf(page, "Set-Cookie"), "");
}

TEST_F(PasswordPages, LinkThatIsGoodNoMoreSaysWhy) {
  world.rows.password_links[0].used_by_record = records::RecordId{};
  const auto page = Get("/set-password", "token=" + token);
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(Shows(page, "used already"));
  EXPECT_EQ(Get("/set-password", "token=abc").status, 400);
}

TEST_F(PasswordPages, SavingNeedsTheTokenOfTheForm) {
  EXPECT_EQ(Now(Send("POST", "/set-password/save", {},
                     "token=" + token + "&password=correct+horse&repeated=correct+horse"))
                .status,
            403);
}

}  // namespace
}  // namespace worker
