#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "ctl/run/nginx_config.h"

namespace ctl {
namespace {

base::Settings SomeSettings() {
  base::Settings settings;
  settings.public_url = "http://127.0.0.1:8080";
  settings.data_dir = "/srv/sso";
  settings.run_dir = "/srv/sso/run";
  return settings;
}

std::string TextOf(const std::vector<NginxFile>& files, std::string_view name) {
  for (const NginxFile& file : files) {
    if (file.name == name) return file.text;
  }
  return "no file " + std::string(name);
}

base::Result<std::vector<NginxFile>> Render(const base::Settings& settings) {
  return RenderNginxFiles({.settings = settings,
                           .plan = PlanNginx(settings, 2, 20000),
                           .listen = {"127.0.0.1:8080", "[::1]:8080"},
                           .runs_as_root = false});
}

bool Holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(PlanNginx, TwoWorkersCarryTenThousandClientsWithTwentyThousandDescriptors) {
  const NginxPlan plan = PlanNginx(SomeSettings(), 2, 20000);
  EXPECT_EQ(plan.workers, 2);
  EXPECT_EQ(plan.clients, 10000);
  EXPECT_LE(plan.worker_connections, 20000);
  EXPECT_GE(plan.workers * plan.worker_connections, 2 * 10000);
}

TEST(PlanNginx, FewDescriptorsMeanMoreWorkers) {
  const NginxPlan plan = PlanNginx(SomeSettings(), 2, 4096);
  EXPECT_EQ(plan.clients, 10000);
  EXPECT_LE(plan.worker_connections, 4096);
  EXPECT_GE(plan.workers, 5);
}

TEST(PlanNginx, ASetNumberOfWorkersHoldsAndBoundsTheClients) {
  base::Settings settings = SomeSettings();
  settings.nginx_workers = 1;
  const NginxPlan plan = PlanNginx(settings, 8, 4096);
  EXPECT_EQ(plan.workers, 1);
  EXPECT_LT(plan.clients, 2048);
}

TEST(PlanNginx, ManyDescriptorsDoNotMakeLargeWorkers) {
  EXPECT_LT(PlanNginx(SomeSettings(), 2, 1'000'000'000).worker_connections, 27000);
}

TEST(PlanNginx, IdleConnectionsOfAllWorkersFitTheChildren) {
  base::Settings settings = SomeSettings();
  settings.connections_per_child = 100;
  const NginxPlan plan = PlanNginx(settings, 4, 20000);
  EXPECT_GE(plan.keepalive, 1);
  EXPECT_LE(plan.keepalive * plan.workers * 2, settings.connections_per_child);
}

TEST(RenderNginxFiles, FillsEveryPlaceholder) {
  const auto files = Render(SomeSettings());
  ASSERT_TRUE(files.ok()) << files.error().message();
  for (const NginxFile& file : *files) EXPECT_FALSE(Holds(file.text, "{{")) << file.name;
  const std::string main = TextOf(*files, "latchkey.conf");
  EXPECT_TRUE(Holds(main, "listen 127.0.0.1:8080 backlog=4096 reuseport;"));
  EXPECT_TRUE(Holds(main, "listen [::1]:8080 backlog=4096 reuseport;"));
  EXPECT_FALSE(Holds(main, "user root"));
}

TEST(RenderNginxFiles, NamesOneServerForEachApiChild) {
  base::Settings settings = SomeSettings();
  settings.api_children = 3;
  const auto files = Render(settings);
  ASSERT_TRUE(files.ok());
  const std::string text = TextOf(*files, "pools.conf");
  EXPECT_TRUE(Holds(text, "server \"unix:/srv/sso/run/api-3.sock\" max_fails=0;"));
  EXPECT_FALSE(Holds(text, "api-4.sock"));
}

TEST(RenderNginxFiles, NoLimitPerAddressMeansNoLimitLine) {
  base::Settings settings = SomeSettings();
  settings.requests_per_second_per_address = 0;
  settings.passwords_per_second_per_address = 0;
  settings.passwords_per_second_per_site = 0;
  settings.max_clients_per_address = 0;
  const auto files = Render(settings);
  ASSERT_TRUE(files.ok());
  for (const NginxFile& file : *files) {
    EXPECT_FALSE(Holds(file.text, "limit_req zone")) << file.name;
    EXPECT_FALSE(Holds(file.text, "limit_req_zone")) << file.name;
    EXPECT_FALSE(Holds(file.text, "limit_conn latchkey_clients_of_")) << file.name;
    EXPECT_FALSE(Holds(file.text, "limit_conn latchkey_pages_of_")) << file.name;
    EXPECT_FALSE(Holds(file.text, "limit_conn latchkey_slow_of_")) << file.name;
  }
}

TEST(RenderNginxFiles, AnIpv6SiteHasFourTimesWhatANetworkHas) {
  base::Settings settings = SomeSettings();
  settings.requests_per_second_per_address = 20;
  settings.max_clients_per_address = 30;
  const auto files = Render(settings);
  const std::string limits = TextOf(*files, "limits.conf");
  EXPECT_TRUE(Holds(limits, "limit_conn latchkey_clients_of_address 30;"));
  EXPECT_TRUE(Holds(limits, "limit_conn latchkey_clients_of_net6 6;"));
  EXPECT_TRUE(Holds(limits, "limit_conn latchkey_clients_of_site 24;"));
  EXPECT_TRUE(Holds(TextOf(*files, "pools.conf"), "zone=latchkey_sites:10m rate=80r/s;"));
}

TEST(RenderNginxFiles, PagesOfOtherSitesHaveATenthOfWhatTheirVisitorsNetworkHas) {
  base::Settings settings = SomeSettings();
  settings.requests_per_second_per_address = 200;
  settings.max_clients_per_address = 250;
  auto files = Render(settings);
  EXPECT_TRUE(Holds(TextOf(*files, "limits.conf"), "limit_conn latchkey_pages_of_address 25;"));
  EXPECT_TRUE(Holds(TextOf(*files, "limits.conf"), "limit_conn latchkey_pages_of_site 100;"));
  EXPECT_TRUE(Holds(TextOf(*files, "pools.conf"), "zone=latchkey_alien:10m rate=20r/s;"));
  EXPECT_TRUE(Holds(TextOf(*files, "pools.conf"), "zone=latchkey_alien_sites:10m rate=80r/s;"));
  EXPECT_TRUE(Holds(TextOf(*files, "limits.conf"), "zone=latchkey_alien burst=40 nodelay;"));
  settings.requests_per_second_per_address = 3;  // a tenth that is none would be no limit
  settings.max_clients_per_address = 3;
  files = Render(settings);
  EXPECT_TRUE(Holds(TextOf(*files, "limits.conf"), "limit_conn latchkey_pages_of_address 1;"));
  EXPECT_TRUE(Holds(TextOf(*files, "pools.conf"), "zone=latchkey_alien:10m rate=1r/s;"));
}

TEST(RenderNginxFiles, WhatMayBeStretchedHasAFifthOfWhatItsNetworkHas) {
  base::Settings settings = SomeSettings();
  settings.max_clients_per_address = 250;
  const std::string text = TextOf(*Render(settings), "limits.conf");
  EXPECT_TRUE(Holds(text, "limit_conn latchkey_slow_of_address 50;"));
  EXPECT_TRUE(Holds(text, "limit_conn latchkey_slow_of_site 100;"));
  EXPECT_TRUE(Holds(text, "limit_conn latchkey_clients_of_provider 1000;"));
  settings.max_clients_per_address = 3;
  EXPECT_TRUE(
      Holds(TextOf(*Render(settings), "limits.conf"), "limit_conn latchkey_slow_of_address 1;"));
}

TEST(RenderNginxFiles, IdleConnectionsGoSoonButThoseOfProxies) {
  base::Settings settings = SomeSettings();
  EXPECT_TRUE(Holds(TextOf(*Render(settings), "limits.conf"), "keepalive_timeout 15s;"));
  settings.trusted_proxies = "192.0.2.1";
  EXPECT_TRUE(Holds(TextOf(*Render(settings), "limits.conf"), "keepalive_timeout 65s;"));
}

TEST(RenderNginxFiles, OnlyATrustedProxyThatSpeaksForSomebodyIsNotLoopback) {
  base::Settings settings = SomeSettings();
  settings.trusted_proxies = "127.0.0.1  2001:db8::/32";
  EXPECT_TRUE(Holds(TextOf(*Render(settings), "pools.conf"),
                    "geo $realip_remote_addr $latchkey_proxy {\n  default 0;\n  127.0.0.1 1;\n"
                    "  2001:db8::/32 1;\n}"));
}

TEST(RenderNginxFiles, TokensHaveAQuarterOfThePlacesToThemselves) {
  const std::string text = TextOf(*Render(SomeSettings()), "limits.conf");
  EXPECT_TRUE(Holds(text, "limit_conn latchkey_shed_first 10000;"));
  EXPECT_TRUE(Holds(text, "limit_conn latchkey_clients 12500;"));
  EXPECT_TRUE(Holds(text, "limit_conn latchkey_issuers 7500;"));
}

TEST(RenderNginxFiles, ThePublicAddressIsNobodysOwn) {
  base::Settings settings = SomeSettings();
  settings.public_url = "https://login.example.org";
  EXPECT_TRUE(Holds(TextOf(*Render(settings), "pools.conf"), "\"login.example.org\" \"\";"));
}

TEST(RenderNginxFiles, PasswordsHaveALimitBesideThatOfAllRequests) {
  base::Settings settings = SomeSettings();
  settings.requests_per_second_per_address = 200;
  settings.passwords_per_second_per_address = 5;
  const auto files = Render(settings);
  ASSERT_TRUE(files.ok());
  const std::string limits = TextOf(*files, "limits.conf");
  EXPECT_TRUE(Holds(limits, "limit_req zone=latchkey_addresses burst=400 nodelay;"));
  EXPECT_TRUE(Holds(limits, "limit_req zone=latchkey_passwords burst=50 nodelay;"));
  EXPECT_TRUE(
      Holds(TextOf(*files, "pools.conf"),
            "limit_req_zone $latchkey_password_net zone=latchkey_passwords:10m rate=5r/s;"));
  EXPECT_TRUE(Holds(limits, "limit_req zone=latchkey_passwords_of_site burst=40 nodelay;"));
  EXPECT_TRUE(Holds(TextOf(*files, "pools.conf"),
                    "limit_req_zone $latchkey_password_site zone=latchkey_passwords_of_site:10m "
                    "rate=20r/s;"));
}

TEST(RenderNginxFiles, LinesOfTheAccessLogAreDrawnFromWhatNoLimitSawOnlyWhereThereIsALimit) {
  base::Settings settings = SomeSettings();
  constexpr std::string_view kUnseen = "\"0 \" \" one_of=1000\";";
  EXPECT_TRUE(Holds(TextOf(*Render(settings), "pools.conf"), kUnseen));
  settings.requests_per_second_per_address = 0;
  EXPECT_FALSE(Holds(TextOf(*Render(settings), "pools.conf"), kUnseen));
}

TEST(RenderNginxFiles, PasswordsOfASiteHaveASettingOfTheirOwn) {
  base::Settings settings = SomeSettings();
  settings.passwords_per_second_per_site = 7;
  EXPECT_TRUE(Holds(TextOf(*Render(settings), "pools.conf"),
                    "zone=latchkey_passwords_of_site:10m rate=7r/s;"));
  EXPECT_TRUE(Holds(TextOf(*Render(settings), "limits.conf"),
                    "limit_req zone=latchkey_passwords_of_site burst=14 nodelay;"));
  settings.passwords_per_second_per_site = 0;
  EXPECT_FALSE(Holds(TextOf(*Render(settings), "pools.conf"), "latchkey_passwords_of_site"));
  EXPECT_FALSE(Holds(TextOf(*Render(settings), "limits.conf"), "latchkey_passwords_of_site"));
}

TEST(RenderNginxFiles, BelievesTheHeaderOfTrustedProxiesAlone) {
  base::Settings settings = SomeSettings();
  EXPECT_FALSE(Holds(TextOf(*Render(settings), "limits.conf"), "real_ip_header"));
  settings.trusted_proxies = "10.0.0.1  2001:db8::/32";
  const std::string text = TextOf(*Render(settings), "limits.conf");
  EXPECT_TRUE(Holds(text, "set_real_ip_from 10.0.0.1;\nset_real_ip_from 2001:db8::/32;\n"));
  EXPECT_TRUE(Holds(text, "real_ip_header X-Forwarded-For;"));
}

TEST(RenderNginxFiles, PagesWithASecretInTheQueryLeaveNoErrorLines) {
  const auto files = Render(SomeSettings());
  ASSERT_TRUE(files.ok());
  EXPECT_TRUE(Holds(TextOf(*files, "secret_location.conf"), "error_log stderr crit;"));
  const std::string locations = TextOf(*files, "locations.conf");
  for (const char* path :
       {"/activate", "/activate/confirm", "/sign-in", "/set-password", "/forgot-password"}) {
    EXPECT_TRUE(
        Holds(locations, "location = " + std::string(path) + " { include secret_location.conf; }"));
  }
}

TEST(RenderNginxFiles, RefusesWhatNginxWouldTakeForSyntax) {
  base::Settings settings = SomeSettings();
  settings.run_dir = "/srv/a$b/run";
  EXPECT_EQ(Render(settings).status().code(), base::Code::kInvalid);
  settings.run_dir = "/srv/a \"b\"/run";
  EXPECT_EQ(Render(settings).status().code(), base::Code::kInvalid);
  settings = SomeSettings();
  settings.public_url = "http://a;b";
  EXPECT_EQ(Render(settings).status().code(), base::Code::kInvalid);
}

TEST(RenderNginxFiles, TakesAFolderWithBlanks) {
  base::Settings settings = SomeSettings();
  settings.run_dir = "/srv/my sso/run";
  const auto files = Render(settings);
  ASSERT_TRUE(files.ok());
  EXPECT_TRUE(Holds(TextOf(*files, "pools.conf"), "\"unix:/srv/my sso/run/login.sock\""));
}

}  // namespace
}  // namespace ctl
