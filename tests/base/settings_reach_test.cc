// Every setting steers something: read from the environment as the programs read it, changed, it changes
// what the programs make of it. A setting that nothing reads any more, or whose reader was lost in a move,
// fails here, and so does a new one that has no row in the table below.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "accounts/fakes.h"
#include "accounts/sign_in.h"
#include "base/settings.h"
#include "ctl/keys/key_rotation.h"
#include "ctl/run/nginx_config.h"
#include "oauth/device/activation.h"
#include "oauth/device/device_flow.h"
#include "oauth/refresh.h"
#include "worker/options.h"
#include "worker/routes.h"
#include "writer/options.h"

namespace {

using base::Settings;
using testing_oauth::Awaited;
using testing_oauth::MakeId;

// ---- what the processes are made of ----

const base::Log& Quiet() {
  static const base::Log log("test", base::Severity::kFatal);
  return log;
}

worker::FcgiLoop::Options ChildLoop(const Settings& settings) {
  testing_oauth::CountingRandom random;
  return worker::LoopOptions({}, settings, random, Quiet());
}

wire::Client::Options ChildClient(const Settings& settings) {
  return worker::ClientOptions({}, settings);
}

store::WriterStoreOptions WriterStore(const Settings& settings) {
  return writer::StoreOptionsFrom(settings, 0);
}

std::string WebUid(const Settings& settings) {
  const auto admission = writer::AdmissionFrom(settings);
  if (!admission.ok()) return admission.error().message();
  return admission->web_uid ? std::to_string(*admission->web_uid) : "none";
}

ctl::NginxPlan Nginx(const Settings& settings) { return ctl::PlanNginx(settings, 2, 20000); }

std::string NginxText(const Settings& settings) {
  const auto files = ctl::RenderNginxFiles({.settings = settings,
                                            .plan = Nginx(settings),
                                            .listen = {"127.0.0.1:1"},
                                            .runs_as_root = false});
  if (!files.ok()) return files.error().message();
  std::string text;
  for (const ctl::NginxFile& file : *files) text += file.text;
  return text;
}

// ---- what the domain does ----

// A device, its person and their server, under these settings.
struct Steered : testing_oauth::World {
  explicit Steered(const Settings& given) {
    settings = given;
    rows.users[0].password_hash = testing_accounts::FakeHasher::HashOf("right");
  }

  domain::Step<domain::Answer<oauth::DeviceAuthorization>> Authorize() {
    return oauth::AuthorizeDevice({.request_id = {},
                                   .credentials = testing_oauth::Credentials("acme-cli"),
                                   .org = {},
                                   .service = {},
                                   .scope = {},
                                   .resource = {},
                                   .address = "192.0.2.1",
                                   .device_name = {}},
                                  ports);
  }
  oauth::DeviceAuthorization Authorized() {
    const auto end = testing_oauth::Answered(Authorize(), {.code = base::Code::kOk});
    return *std::get<0>(end);
  }

  domain::Step<domain::Answer<oauth::TokenResponse>> Redeem(const std::string& device_code) {
    return oauth::RedeemDevice({.request_id = {},
                                .credentials = testing_oauth::Credentials("acme-cli"),
                                .device_code = device_code,
                                .resource = {},
                                .address = "192.0.2.1",
                                .received_at = clock.Now()},
                               ports);
  }
  records::RedeemDeviceCode Redeemed() {
    const domain::Secret secret{1};
    records::DeviceCodeRow row;
    row.id = MakeId<records::DeviceCodeId>(20);
    row.organization_id = org;
    row.client_row_id = client;
    row.service_id = service;
    row.secret_hash = hashes.Sha256(secret);
    row.state = records::DeviceCodeState::kApproved;
    row.expires_at = clock.Now() + base::seconds(900);
    row.user_id = user;
    rows.device_codes = {row};
    return *Awaited<records::RedeemDeviceCode>(Redeem(domain::EncodeSplitToken(row.id, secret)));
  }

  domain::Step<domain::Answer<oauth::TokenResponse>> Refresh() {
    const domain::Secret secret{2};
    records::RefreshTokenRow row;
    row.id = MakeId<records::RefreshTokenId>(30);
    row.organization_id = org;
    row.secret_hash = hashes.Sha256(secret);
    row.expires_at = row.grant_expires_at = clock.Now() + base::seconds(7 * 86400);
    row.client_row_id = client;
    row.service_id = service;
    row.user_id = user;
    rows.refresh_tokens = {row};
    return oauth::Refresh({.request_id = {},
                           .refresh_token = domain::EncodeSplitToken(row.id, secret),
                           .scope = {},
                           .resource = {},
                           .issuer = {}},
                          testing_oauth::Credentials("acme-cli"), ports);
  }
  records::RotateRefreshToken Rotated() { return *Awaited<records::RotateRefreshToken>(Refresh()); }

  domain::Step<domain::Answer<accounts::SignedIn>> SignIn(const std::string& email,
                                                          const std::string& password) {
    testing_accounts::FakeHasher hasher;
    return accounts::SignInWithPassword({.request_id = {},
                                         .organization_id = org,
                                         .email = email,
                                         .password = password,
                                         .address = "192.0.2.1",
                                         .user_agent = {},
                                         .former_cookie = {}},
                                        hasher, ports);
  }

  domain::ErrorCode TypeCode(const std::string& session, const std::string& address) {
    const auto found = oauth::VerifyUserCode({.user_code = "ZZZZ-9999",
                                              .address = address,
                                              .guess_session = session,
                                              .organization = {},
                                              .organization_slug = {},
                                              .is_signed_in = {}},
                                             ports);
    return found.ok() ? domain::ErrorCode::kCount : found.error().code;
  }
};

constexpr int kMost = 5000;

// How often `attempt` may be made before it is one too many; kMost: as often as one likes.
std::string TimesUntilRefused(const std::function<domain::ErrorCode()>& attempt) {
  for (int times = 0; times < kMost; ++times) {
    if (attempt() == domain::ErrorCode::kTooManyRequests) return std::to_string(times);
  }
  return std::to_string(kMost);
}

std::string CodesOfABrowser(const Settings& settings) {
  Steered world(settings);
  return TimesUntilRefused([&, n = 0]() mutable {
    ++n;
    return world.TypeCode("a browser",
                          "10.0." + std::to_string(n / 250) + "." + std::to_string(n % 250));
  });
}

std::string CodesOfAnAddress(const Settings& settings) {
  Steered world(settings);
  return TimesUntilRefused(
      [&, n = 0]() mutable { return world.TypeCode(std::to_string(++n), "192.0.2.1"); });
}

std::string CodesInAll(const Settings& settings) {
  Steered world(settings);
  int times = 0;
  for (; times < kMost && !oauth::GuessesAreMany(world.ports); ++times) {
    world.TypeCode("", "10.1." + std::to_string(times / 250) + "." + std::to_string(times % 250));
  }
  return std::to_string(times);
}

std::string WindowOfGuesses(const Settings& settings) {
  Steered world(settings);
  const auto type = [&world] { return world.TypeCode("a browser", "192.0.2.1"); };
  TimesUntilRefused(type);
  int waited = 0;
  while (waited < kMost && type() == domain::ErrorCode::kTooManyRequests) {
    world.clock.Advance(base::seconds(1));
    ++waited;
  }
  return std::to_string(waited);
}

// A locked account is told nothing else than that the password is wrong: the right one is tried after
// each wrong one.
std::string PasswordsOfAnAccount(const Settings& settings) {
  Steered world(settings);
  world.settings.sign_ins_per_account = kMost + 1;
  int times = 0;
  while (times < kMost &&
         Awaited<records::CreateSession>(world.SignIn("alice@acme.example", "right")) != nullptr) {
    world.SignIn("alice@acme.example", "wrong");
    world.rows.users[0].guesses_since = world.clock.Now();  // as the writer counts
    world.rows.users[0].guesses = ++times;
  }
  return std::to_string(times);
}

std::string PasswordsOfAnAddress(const Settings& settings) {
  Steered world(settings);
  return TimesUntilRefused([&, n = 0]() mutable {
    return testing_oauth::ErrorOfStep(world.SignIn(std::to_string(++n) + "@acme.example", "wrong"));
  });
}

std::string DeviceCodesOfAnAddress(const Settings& settings) {
  Steered world(settings);
  return TimesUntilRefused([&] { return testing_oauth::ErrorOfStep(world.Authorize()); });
}

std::string UnknownDeviceCodesOfAnAddress(const Settings& settings) {
  Steered world(settings);
  return TimesUntilRefused([&] { return testing_oauth::ErrorOfStep(world.Redeem("nonsense")); });
}

std::string RefreshesOfAGrant(const Settings& settings) {
  Steered world(settings);
  return TimesUntilRefused([&] { return testing_oauth::ErrorOfStep(world.Refresh()); });
}

std::string RefreshesOfAnAccount(const Settings& settings) {
  Steered world(settings);
  world.settings.refreshes_per_grant = 0;
  return TimesUntilRefused([&] { return testing_oauth::ErrorOfStep(world.Refresh()); });
}

std::string AssertionsOfAClient(const Settings& settings) {
  Steered world(settings);
  oauth::ClientCredentials credentials;
  credentials.method = oauth::ClientCredentials::Method::kPrivateKeyJwt;
  credentials.client_assertion = "a jwt";
  world.assertions.signed_by["a jwt"] = "the keys of acme-sync";
  return TimesUntilRefused([&, n = 0]() mutable {
    world.assertions.claims["a jwt"] = {.iss = "acme-sync",
                                        .sub = "acme-sync",
                                        .aud = {world.settings.public_url},
                                        .jti = std::to_string(++n),
                                        .exp = world.clock.Now() + base::seconds(60),
                                        .nbf = std::nullopt,
                                        .iat = std::nullopt};
    const auto client = oauth::AuthenticateClient(credentials, world.ports);
    return client.ok() ? domain::ErrorCode::kCount : client.error().code;
  });
}

std::string SignInsOfAnAccount(const Settings& settings) {
  Steered world(settings);
  return TimesUntilRefused([&] {
    auto step = world.SignIn("alice@acme.example", "right");
    if (Awaited<records::CreateSession>(step) != nullptr) {
      step = testing_oauth::Answered(step, {.code = base::Code::kOk});
    }
    return testing_oauth::ErrorOfStep(step);
  });
}

std::string ApprovalsOfAnAccount(const Settings& settings) {
  Steered world(settings);
  return TimesUntilRefused([&] {
    return testing_oauth::ErrorOfStep(oauth::DecideUserCode(
        {}, {.request_id = {}, .user_id = world.user, .amr = {}, .auth_time = {}}, world.ports));
  });
}

std::string SessionLifetime(const Settings& settings) {
  Steered world(settings);
  const auto step = world.SignIn("alice@acme.example", "right");
  const auto* record = Awaited<records::CreateSession>(step);
  return record == nullptr ? "refused"
                           : std::to_string((record->expires_at - world.clock.Now()).count());
}

std::string ForgotPasswordPage(const Settings& settings) {
  Steered world(settings);
  testing_accounts::FakeHasher hasher;
  http::Request request;
  request.method = "GET";
  request.path = "/forgot-password";
  request.query = "org=acme";
  request.request_id_text = "feedfacefeedfacefeedfacefeedface";
  const auto outcome =
      worker::Dispatch(request, {.ports = world.ports, .password_hasher = hasher, .log = Quiet()});
  return std::get<http::Response>(outcome).body;
}

template <class Duration>
std::string Text(Duration duration) {
  return std::to_string(duration.count());
}
std::string Since(const testing_oauth::World& world, base::Time time) {
  return Text(time - world.clock.Now());
}

// ---- the table ----

struct Reach {
  std::string changed;  // another value than the default
  std::function<std::string(const Settings&)> seen;
};

const std::map<std::string, Reach>& Reaches() {
  static const std::map<std::string, Reach> reaches{
      {"public_url",
       {"https://id.example",
        [](const Settings& s) { return Steered(s).Authorized().verification_uri; }}},
      {"data_dir", {"/srv/x", [](const Settings& s) { return WriterStore(s).database.path; }}},
      {"run_dir", {"/run/x", [](const Settings& s) { return ChildClient(s).socket_path; }}},
      {"support_contact", {"help@acme.example", ForgotPasswordPage}},
      // [nginx]
      {"port", {"8081", [](const Settings& s) { return s.public_url; }}},
      {"workers", {"5", [](const Settings& s) { return std::to_string(Nginx(s).workers); }}},
      {"max_clients", {"99", [](const Settings& s) { return std::to_string(Nginx(s).clients); }}},
      {"max_clients_per_address", {"98", NginxText}},
      {"requests_per_second_per_address", {"97", NginxText}},
      {"passwords_per_second_per_address", {"96", NginxText}},
      {"passwords_per_second_per_site", {"95", NginxText}},
      {"trusted_proxies", {"10.9.8.7", NginxText}},
      {"metrics_from", {"10.9.8.6", NginxText}},
      // [workers]
      {"api_children", {"3", NginxText}},
      {"login_children",
       {"7", [](const Settings& s) { return std::to_string(worker::LoginChildren(s, 2)); }}},
      {"connections_per_child",
       {"50", [](const Settings& s) { return std::to_string(ChildLoop(s).max_connections); }}},
      {"pending_writes_per_child",
       {"51", [](const Settings& s) { return std::to_string(ChildClient(s).max_pending); }}},
      {"request_budget_ms",
       {"9000",
        [](const Settings& s) {
          return Text(ChildLoop(s).request_budget) + " " + Text(worker::PoolLimits(s).stop);
        }}},
      {"record_deadline_ms",
       {"4000", [](const Settings& s) { return Text(ChildClient(s).record_deadline); }}},
      {"heartbeat_old_ms",
       {"2000", [](const Settings& s) { return Text(ChildClient(s).heartbeat_old); }}},
      {"slow_ms",
       {"7",
        [](const Settings& s) {
          return Text(ChildLoop(s).slow_request) + " " +
                 Text(writer::LoopOptionsFrom(s).slow_commit);
        }}},
      {"web_user", {"nobody", WebUid}},
      // [writer]
      {"batch_records",
       {"9",
        [](const Settings& s) {
          return std::to_string(writer::LoopOptionsFrom(s).batch_records);
        }}},
      {"checkpoint_passive_frames",
       {"9",
        [](const Settings& s) {
          return std::to_string(WriterStore(s).checkpoints.passive_frames);
        }}},
      {"checkpoint_restart_frames",
       {"999",
        [](const Settings& s) {
          return std::to_string(WriterStore(s).checkpoints.restart_frames);
        }}},
      {"wal_limit_mb",
       {"9",
        [](const Settings& s) { return std::to_string(WriterStore(s).checkpoints.limit_bytes); }}},
      {"writer_cache_mb",
       {"9", [](const Settings& s) { return std::to_string(WriterStore(s).database.cache_mb); }}},
      {"audit_seal_s",
       {"9", [](const Settings& s) { return Text(writer::AuditOptionsFrom(s).seal_after); }}},
      {"audit_retention_days",
       {"9",
        [](const Settings& s) {
          return std::to_string(writer::AuditOptionsFrom(s).keep.count());
        }}},
      {"backup_mb_per_s",
       {"9",
        [](const Settings& s) {
          return std::to_string(writer::LoopOptionsFrom(s).backup_pages_per_step);
        }}},
      // [lifetimes]
      {"device_code_s",
       {"77", [](const Settings& s) { return Text(Steered(s).Authorized().expires_in); }}},
      {"poll_interval_s",
       {"7", [](const Settings& s) { return Text(Steered(s).Authorized().interval); }}},
      {"access_token_s",
       {"77",
        [](const Settings& s) {
          Steered world(s);
          return Since(world, world.Redeemed().access_token.expires_at);
        }}},
      {"refresh_token_idle_s",
       {"77",
        [](const Settings& s) {
          Steered world(s);
          return Since(world, world.Redeemed().refresh_token->expires_at);
        }}},
      {"refresh_token_absolute_s",
       {"7776000",
        [](const Settings& s) {
          Steered world(s);
          return Since(world, world.Redeemed().grant.expires_at);
        }}},
      {"refresh_replay_grace_s",
       {"7", [](const Settings& s) { return Text(Steered(s).Rotated().replay_grace); }}},
      {"session_s", {"77", SessionLifetime}},
      {"jwks_max_age_s", {"77", [](const Settings& s) { return Text(ctl::LeastPublishFor(s)); }}},
      {"expired_rows_s",
       {"77", [](const Settings& s) { return Text(WriterStore(s).sweeps.keep); }}},
      // [limits]
      {"user_code_attempts_per_session", {"3", CodesOfABrowser}},
      {"user_code_attempts_per_address", {"13", CodesOfAnAddress}},
      {"user_code_attempts_global", {"33", CodesInAll}},
      {"guess_window_s", {"33", WindowOfGuesses}},
      {"password_attempts_per_account", {"3", PasswordsOfAnAccount}},
      {"password_attempts_per_address", {"13", PasswordsOfAnAddress}},
      {"device_codes_per_client_and_address", {"13", DeviceCodesOfAnAddress}},
      {"unknown_device_codes_per_address", {"13", UnknownDeviceCodesOfAnAddress}},
      {"refreshes_per_grant", {"13", RefreshesOfAGrant}},
      {"refreshes_per_account", {"13", RefreshesOfAnAccount}},
      {"assertions_per_client", {"13", AssertionsOfAClient}},
      {"sign_ins_per_account", {"13", SignInsOfAnAccount}},
      {"approvals_per_account", {"13", ApprovalsOfAnAccount}},
      {"live_device_codes_per_client",
       {"9",
        [](const Settings& s) {
          return std::to_string(WriterStore(s).limits.live_codes_per_client);
        }}},
      {"live_device_codes",
       {"9", [](const Settings& s) { return std::to_string(WriterStore(s).limits.live_codes); }}},
      {"grants_per_user",
       {"9",
        [](const Settings& s) { return std::to_string(WriterStore(s).limits.grants_per_user); }}},
      {"sessions_per_user",
       {"9",
        [](const Settings& s) { return std::to_string(WriterStore(s).limits.sessions_per_user); }}},
  };
  return reaches;
}

// What takes a running server to see: tests/ctl/settings_test.py.
const std::set<std::string> kSeenInARun{"listen_address", "password_link_s"};

Settings LoadWith(const std::string& environment, const std::string& value) {
  if (!environment.empty()) ::setenv(environment.c_str(), value.c_str(), 1);
  auto settings = base::LoadSettings("", "");
  if (!environment.empty()) ::unsetenv(environment.c_str());
  EXPECT_TRUE(settings.ok()) << settings.error().message();
  return settings.ok() ? *settings : Settings();
}

TEST(Settings, EachSteersSomething) {
  for (const base::SettingHelp& setting : base::DescribeSettings()) {
    const auto reach = Reaches().find(setting.name);
    if (reach == Reaches().end()) {
      EXPECT_TRUE(kSeenInARun.contains(setting.name)) << "what does " << setting.name << " steer?";
      continue;
    }
    const auto& [changed, seen] = reach->second;
    EXPECT_NE(seen(LoadWith("", "")), seen(LoadWith(setting.environment, changed)))
        << setting.name << " steers nothing";
  }
}

TEST(Settings, LimitsHoldToTheNumber) {
  for (const char* name :
       {"user_code_attempts_per_session", "user_code_attempts_per_address",
        "user_code_attempts_global", "guess_window_s", "password_attempts_per_account",
        "password_attempts_per_address", "device_codes_per_client_and_address",
        "unknown_device_codes_per_address", "refreshes_per_grant", "refreshes_per_account",
        "assertions_per_client", "sign_ins_per_account", "approvals_per_account"}) {
    for (const base::SettingHelp& setting : base::DescribeSettings()) {
      if (setting.name != name) continue;
      const auto& [changed, seen] = Reaches().at(name);
      EXPECT_EQ(seen(LoadWith(setting.environment, changed)), changed) << name;
    }
  }
}

TEST(Settings, AStoppingPoolOutlivesItsLongestRequest) {
  const Settings settings = LoadWith("LATCHKEY_REQUEST_BUDGET_MS", "14000");
  EXPECT_GT(worker::PoolLimits(settings).stop, ChildLoop(settings).request_budget);
  EXPECT_GT(ChildLoop(settings).drain_limit, ChildLoop(settings).request_budget);
}

}  // namespace
