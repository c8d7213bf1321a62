#include "ctl/print/text.h"
#include "base/rfc3339.h"

#include <gtest/gtest.h>

#include <string>

namespace ctl {
namespace {

using base::Code;

TEST(CheckSlug, TakesLowerLettersDigitsAndHyphensInside) {
  for (const char* slug : {"a", "acme", "a-1", "0", "very-long-but-good"}) {
    EXPECT_TRUE(CheckSlug(slug).ok()) << slug;
  }
  EXPECT_TRUE(CheckSlug(std::string(63, 'a')).ok());
}

TEST(CheckSlug, RefusesTheRest) {
  for (const char* slug : {"", "-a", "a-", "Acme", "a b", "a_b", "ä", "a/b", "../a"}) {
    EXPECT_EQ(CheckSlug(slug).code(), Code::kInvalid) << slug;
  }
  EXPECT_FALSE(CheckSlug(std::string(64, 'a')).ok());
}

TEST(NormalizeEmail, IsTheRuleOfTheSignInPage) {
  EXPECT_EQ(*NormalizeEmail("J\u00dcRGEN@Acme.Example"), "j\u00fcrgen@acme.example");
  const auto refused = NormalizeEmail("a,b@x.example");
  EXPECT_NE(refused.status().message().find("\"a,b@x.example\" is no e-mail address"),
            std::string::npos);
}

TEST(NormalizeEmail, RefusesWhatIsNoAddress) {
  for (const char* email : {"", "alice", "@b.c", "a@", "a@b@c", "a b@c.d", "a@b\n.c", "a@\xff.c"}) {
    EXPECT_EQ(NormalizeEmail(email).status().code(), Code::kInvalid) << email;
  }
}

TEST(CheckName, CountsCharactersNotBytes) {
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "ü";
  EXPECT_TRUE(CheckName("name", umlauts).ok());
  EXPECT_FALSE(CheckName("name", umlauts + "ü").ok());
}

TEST(CheckName, RefusesControlCharactersAndBrokenUtf8) {
  for (const char* name :
       {"", "a\nb", "a\x1b[31mb", "\x7f", "\xc2\x9b", "\xc0\xaf", "\xed\xa0\x80", "\xff"}) {
    EXPECT_FALSE(CheckName("name", name).ok());
  }
}

TEST(CheckClientScopes, AreKnownWordsAndTheDefaultIsWithinWhatIsAllowed) {
  EXPECT_TRUE(CheckClientScopes("", "").ok());
  EXPECT_TRUE(CheckClientScopes("email", "").ok());
  EXPECT_TRUE(CheckClientScopes("email", "openid email").ok());
  EXPECT_FALSE(CheckClientScopes("profile", "openid email").ok());
  for (const char* scope :
       {"mail", "email  openid", " email", "email ", "email email", "email mail"}) {
    EXPECT_FALSE(CheckClientScopes(scope, "").ok()) << scope;
    EXPECT_FALSE(CheckClientScopes("", scope).ok()) << scope;
  }
}

TEST(CheckClientId, IsPrintableAsciiUpTo128) {
  EXPECT_TRUE(CheckClientId("acme-cli").ok());
  EXPECT_TRUE(CheckClientId(std::string(128, 'x')).ok());
  for (const std::string& id :
       {std::string(), std::string("a b"), std::string("ü"), std::string(129, 'x')}) {
    EXPECT_FALSE(CheckClientId(id).ok()) << id;
  }
}

TEST(CheckUri, WantsAnAbsoluteUriWithoutFragment) {
  for (const char* uri :
       {"https://a.example/cb?x=1", "http://127.0.0.1/cb", "com.example.app:/cb"}) {
    EXPECT_TRUE(CheckUri("redirect URI", uri).ok()) << uri;
  }
  for (const char* uri : {"", "/cb", "https://a/#f", "https://a b/", ":x", "https:", "1a:b"}) {
    EXPECT_FALSE(CheckUri("redirect URI", uri).ok()) << uri;
  }
  EXPECT_FALSE(CheckUri("redirect URI", "https://a/" + std::string(kMaxUriBytes, 'x')).ok());
}

TEST(CheckFeatures, BoundsTheWholeList) {
  EXPECT_TRUE(CheckFeatures({"sync", "export"}).ok());
  EXPECT_FALSE(CheckFeatures({"sync", "two\nlines"}).ok());
  EXPECT_FALSE(CheckFeatures(std::vector<std::string>(100, std::string(200, 'x'))).ok());
}

TEST(NormalizePublicUrl, DropsTheFinalSlash) {
  EXPECT_EQ(*NormalizePublicUrl("https://login.example.com/"), "https://login.example.com");
  EXPECT_EQ(*NormalizePublicUrl("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
}

TEST(NormalizePublicUrl, RefusesWhatIsNoBaseUrl) {
  for (const char* url : {"", "login.example.com", "ftp://a", "https://", "https://a?b",
                          "https://a#b", "https://a\"b", "https://user@host"}) {
    EXPECT_FALSE(NormalizePublicUrl(url).ok()) << url;
  }
}

TEST(NormalizeCurrency, IsThreeLetters) {
  EXPECT_EQ(*NormalizeCurrency("USD"), "usd");
  for (const char* currency : {"", "us", "usdt", "u$d"})
    EXPECT_FALSE(NormalizeCurrency(currency).ok());
}

TEST(Rfc3339, ReadsWhatItWrites) {
  const base::Time time = base::FromUnixMillis(1'764'072'000'000);
  EXPECT_EQ(base::Rfc3339(time), "2025-11-25T12:00:00Z");
  EXPECT_EQ(*ParseRfc3339(base::Rfc3339(time)), time);
}

TEST(Rfc3339, TakesOffsetsFractionsAndLowerCase) {
  EXPECT_EQ(*ParseRfc3339("2025-11-25T13:30:00.250+01:30"),
            *ParseRfc3339("2025-11-25t12:00:00.25z"));
  EXPECT_EQ(base::ToUnixMillis(*ParseRfc3339("1970-01-01T00:00:00.1239Z")), 123);
  EXPECT_EQ(base::Rfc3339(*ParseRfc3339("2024-02-29T23:59:59-00:01")), "2024-03-01T00:00:59Z");
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2025-11-25", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z",
                           "2025-11-25T24:00:00Z", "2025-11-25T12:60:00Z", "2025-11-25T12:00:00",
                           "2025-11-25T12:00:00.Z", "2025-11-25T12:00:00Zx", "2025-11-25T-1:00:00Z",
                           "2025-1-25T12:00:00Z", "25-11-2025T12:00:00Z"}) {
    EXPECT_EQ(ParseRfc3339(text).status().code(), Code::kInvalid) << text;
  }
}

TEST(DurationText, HasTwoUnitsAtMost) {
  EXPECT_EQ(DurationText(base::seconds(0)), "0 s");
  EXPECT_EQ(DurationText(base::seconds(59)), "59 s");
  EXPECT_EQ(DurationText(base::seconds(900)), "15 min");
  EXPECT_EQ(DurationText(base::seconds(86400 + 3 * 3600 + 59)), "1 d 3 h");
  EXPECT_EQ(DurationText(base::seconds(-5)), "0 s");
}

TEST(BytesText, CountsInThousands) {
  EXPECT_EQ(BytesText(999), "999 B");
  EXPECT_EQ(BytesText(1000), "1.0 KB");
  EXPECT_EQ(BytesText(999'950), "1.0 MB");
  EXPECT_EQ(BytesText(1'440'000), "1.4 MB");
}

TEST(SplitLines, LeavesOutEmptyOnes) {
  EXPECT_EQ(SplitLines("a\n\nb\n"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(SplitLines("").empty());
  EXPECT_EQ(SplitLines(JoinLines({"x", "y"})), (std::vector<std::string>{"x", "y"}));
}

TEST(Printable, LeavesNoEscapeSequence) {
  EXPECT_EQ(Printable("a\x1b[31mb"), "a\uFFFD[31mb");
  EXPECT_EQ(Printable("\xff\xc3"), "\uFFFD\uFFFD");
  EXPECT_EQ(Printable("M\u00fcller \u65e5"), "M\u00fcller \u65e5");
}

TEST(DisplayWidth, KnowsWideAndCombiningCharacters) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("\u00fc"), 1u);
  EXPECT_EQ(DisplayWidth("u\u0308"), 1u);
  EXPECT_EQ(DisplayWidth("\u65e5\u672c"), 4u);
}

}  // namespace
}  // namespace ctl
