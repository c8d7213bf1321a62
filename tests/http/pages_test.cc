#include "http/pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "pages_files.h"

namespace http {
namespace {

constexpr std::string_view kHostile =
    R"(<script>alert("x")</script>'&{{csrf}}{{>layout}}{{{csrf}}})";
constexpr std::string_view kEscaped =
    "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&apos;&amp;{{csrf}}{{&gt;layout}}{{{csrf}}}";

using Named = std::pair<std::string, std::string>;

// Each page with `text` in every place that somebody outside can fill.
std::vector<Named> AllPages(const std::string& text) {
  using Ask = ActivatePage::AskForOrganization;
  using Decision = ActivationResultPage::Decision;
  std::vector<Named> pages;
  pages.emplace_back("home", Render(HomePage{.sessions = {{text, text, text}}, .csrf = text}));
  pages.emplace_back("home, nobody", Render(HomePage{.sessions = {}, .csrf = text}));
  pages.emplace_back("activate", Render(ActivatePage{.user_code = text,
                                                     .ask_for_organization = Ask::kYes,
                                                     .organization_slug = text,
                                                     .error = text,
                                                     .csrf = text}));
  pages.emplace_back("choose organization", Render(ChooseOrganizationPage{text, text}));
  pages.emplace_back("sign in", Render(SignInPage{text, text, text, text, text, text}));
  pages.emplace_back("confirm", Render(ConfirmPage{.service_name = text,
                                                   .organization_name = text,
                                                   .organization_slug = text,
                                                   .device_code_id = text,
                                                   .user_code = text,
                                                   .device_name = text,
                                                   .address = text,
                                                   .address_is = ConfirmPage::Address::kOther,
                                                   .requested_ago = text,
                                                   .requested_at = text,
                                                   .requested_at_clock = text,
                                                   .email = text,
                                                   .csrf = text,
                                                   .scopes = {text, text},
                                                   .resource = text,
                                                   .lifetime = text}));
  pages.emplace_back("approved", Render(ActivationResultPage{Decision::kApproved}));
  pages.emplace_back("denied", Render(ActivationResultPage{Decision::kDenied}));
  pages.emplace_back("set password", Render(SetPasswordPage{text, text, text, text, text}));
  pages.emplace_back("password set", Render(PasswordSetPage{text, text, text}));
  pages.emplace_back("link error", Render(PasswordLinkErrorPage{text, text}));
  pages.emplace_back("forgot password", Render(ForgotPasswordPage{text, text, text, text}));
  pages.emplace_back("error", Render(ErrorPage{400, text, text, text}));
  return pages;
}

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

bool Has(std::string_view text, std::string_view part) { return Count(text, part) > 0; }

TEST(Pages, EveryPageIsOneWholeDocument) {
  for (const auto& [name, html] : AllPages("text")) {
    EXPECT_TRUE(html.starts_with("<!doctype html>")) << name;
    EXPECT_TRUE(html.ends_with("</html>\n")) << name;
    EXPECT_EQ(Count(html, "<h1"), 1U) << name;
    EXPECT_EQ(Count(html, "<main"), 1U) << name;
    EXPECT_TRUE(Has(html, "lang=\"en\"")) << name;
    EXPECT_FALSE(Has(html, "{{")) << name << ": a tag of the template is left";
  }
}

TEST(Pages, HostileTextIsEscapedOnEveryPage) {
  for (const auto& [name, html] : AllPages(std::string(kHostile))) {
    EXPECT_FALSE(Has(html, "<script")) << name;
    EXPECT_FALSE(Has(html, "alert(\"x\")")) << name;
    if (name != "approved" && name != "denied" && name != "home, nobody") {
      EXPECT_TRUE(Has(html, kEscaped)) << name;
    }
  }
}

TEST(Pages, NamesMayEndWithADot) {
  for (const auto& [name, html] : AllPages("Acme Inc.")) {
    for (const char* twice : {"Inc..", "Inc.</a>.", "Inc.:", "Inc.!"}) {
      EXPECT_FALSE(Has(html, twice)) << name << ": " << twice;
    }
  }
}

TEST(Pages, WhateverIsAnAddressCanBeTypedIntoThem) {
  for (const auto& [name, html] : AllPages("text"))
    EXPECT_FALSE(Has(html, "type=\"email\"")) << name;
}

TEST(Pages, NoTemplateHasAWayRoundEscaping) {
  for (const auto& file : pages::kFiles) {
    if (!file.name.ends_with(".mustache")) continue;
    EXPECT_FALSE(Has(file.text, "{{{")) << file.name;
    EXPECT_FALSE(Has(file.text, "{{&")) << file.name;
  }
}

// What the Content-Security-Policy would refuse anyway.
TEST(Pages, NoPageHasScriptsOrInlineStyles) {
  for (const auto& [name, html] : AllPages("text")) {
    EXPECT_FALSE(Has(html, "<script")) << name;
    EXPECT_FALSE(Has(html, "<style")) << name;
    EXPECT_FALSE(Has(html, " style=")) << name;
    EXPECT_FALSE(Has(html, " onclick=")) << name;
  }
}

TEST(Pages, EveryFormThatChangesSomethingCarriesItsToken) {
  for (const auto& [name, html] : AllPages("token")) {
    EXPECT_EQ(Count(html, "method=\"post\""), Count(html, "name=\"csrf\" value=\"token\"")) << name;
  }
}

TEST(Pages, EveryVisibleInputHasALabel) {
  for (const auto& [name, html] : AllPages("text")) {
    const std::size_t inputs = Count(html, "<input ") - Count(html, "<input type=\"hidden\"");
    EXPECT_EQ(inputs, Count(html, "<label for=")) << name;
  }
}

TEST(Pages, ErrorIsAnnouncedAndTiedToItsField) {
  const std::string html = Render(SignInPage{"Acme", "acme", "", "a@b.c", "It is not right.", "t"});
  EXPECT_TRUE(Has(html, "role=\"alert\" id=\"error\">It is not right.<"));
  EXPECT_TRUE(Has(html, "<title>Error: Sign in to Acme"));
  EXPECT_TRUE(Has(html, "aria-describedby=\"error\" aria-invalid=\"true\""));
  EXPECT_TRUE(Has(html, "value=\"a@b.c\""));
}

TEST(Pages, PageWithoutErrorHasNoTraceOfOne) {
  const std::string html = Render(SignInPage{"Acme", "acme", "", "", "", "t"});
  EXPECT_FALSE(Has(html, "role=\"alert\""));
  EXPECT_FALSE(Has(html, "aria-invalid"));
  EXPECT_FALSE(Has(html, "Error:"));
}

TEST(Pages, OrganizationIsAskedForOnlyWhereItIsNeeded) {
  ActivatePage page;
  EXPECT_FALSE(Has(Render(page), "name=\"org\""));
  page.ask_for_organization = ActivatePage::AskForOrganization::kYes;
  EXPECT_TRUE(Has(Render(page), "name=\"org\""));
}

TEST(Pages, ConfirmShowsAllThatADecisionNeeds) {
  ConfirmPage page{.service_name = "Acme CLI",
                   .organization_name = "Acme Corporation",
                   .organization_slug = "acme",
                   .device_code_id = "7",
                   .user_code = "BCDF-2345",
                   .device_name = "cli/1.0",
                   .address = "203.0.113.24",
                   .address_is = ConfirmPage::Address::kSameAsBrowser,
                   .requested_ago = "2 minutes ago",
                   .requested_at = "2026-11-25T14:05:00Z",
                   .requested_at_clock = "14:05 UTC",
                   .email = "alice@example.com",
                   .csrf = "t",
                   .scopes = {"See your e-mail address"},
                   .resource = "https://api.acme.example",
                   .lifetime = "180 days"};
  const std::string html = Render(page);
  for (const std::string_view part :
       {"See your e-mail address", "https://api.acme.example", "180 days at most", "Acme CLI",
        "Acme Corporation", "BCDF-2345", "cli/1.0", "203.0.113.24", "2 minutes ago", "14:05 UTC",
        "alice@example.com", "(the same as this browser)", "Did somebody send you"}) {
    EXPECT_TRUE(Has(html, part)) << part;
  }
  EXPECT_EQ(Count(html, "name=\"decision\""), 2U);
  page.address_is = ConfirmPage::Address::kOther;
  page.device_name.clear();
  EXPECT_TRUE(Has(Render(page), "(not the same as this browser)"));
  EXPECT_TRUE(Has(Render(page), "It gave no name"));
  page.resource.clear();
  page.scopes.clear();
  EXPECT_FALSE(Has(Render(page), "<dt>Only at</dt>"));
  EXPECT_EQ(Count(Render(page), "<li>"), 1U) << "what every app gets";
}

TEST(Pages, ContactIsALinkOnlyWhereItIsOne) {
  const auto contact = [](std::string text) {
    return Render(ForgotPasswordPage{"Acme", "acme", "", std::move(text)});
  };
  EXPECT_TRUE(Has(contact("help@acme.example"), "<a href=\"mailto:help@acme.example\">"));
  EXPECT_TRUE(Has(contact("https://help.acme.example/?a=1"),
                  "<a href=\"https://help.acme.example/?a=1\">"));
  EXPECT_FALSE(Has(contact("javascript:alert(1)@x"), "href=\"javascript"));
  EXPECT_FALSE(Has(contact("javascript:alert(1)@x"), "mailto:"));
  EXPECT_TRUE(Has(contact("Alice, room 12"), "Ask Alice, room 12"));
  EXPECT_TRUE(Has(contact(""), "the administrator of Acme"));
}

TEST(Pages, StylesheetIsNamedByItsHash) {
  EXPECT_FALSE(Stylesheet().empty());
  EXPECT_EQ(StylesheetVersion().size(), 16U);
  EXPECT_TRUE(Has(Render(ErrorPage{}), "/assets/latchkey.css?v=" + StylesheetVersion()));
}

TEST(Pages, StylesheetLoadsNothingFromElsewhere) {
  EXPECT_FALSE(Has(Stylesheet(), "url("));
  EXPECT_FALSE(Has(Stylesheet(), "@import"));
}

}  // namespace
}  // namespace http
