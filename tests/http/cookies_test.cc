#include "http/cookies.h"

#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

TEST(Cookies, FindsACookieAmongOthers) {
  const std::string_view header = "a=1; lk-pre=abc_-; b=2";
  EXPECT_EQ(FindCookie(header, "lk-pre"), "abc_-");
  EXPECT_EQ(FindCookie(header, "b"), "2");
  EXPECT_EQ(FindCookie(header, "pre"), "");
  EXPECT_EQ(FindCookie("", "a"), "");
}

TEST(Cookies, NameIsComparedWholeAndInItsCase) {
  EXPECT_EQ(FindCookie("xlk-pre=1; lk-prex=2; LK-PRE=3", "lk-pre"), "");
}

TEST(Cookies, FirstOfTheSameNameCounts) { EXPECT_EQ(FindCookie("a=1; a=2", "a"), "1"); }

TEST(Cookies, ValueMayHoldEqualsSignsQuotesAndBlanksAround) {
  EXPECT_EQ(FindCookie("a=x=y=", "a"), "x=y=");
  EXPECT_EQ(FindCookie("a=\"quoted\"", "a"), "quoted");
  EXPECT_EQ(FindCookie("a=\"", "a"), "\"");
  EXPECT_EQ(FindCookie("  a  =  b  ;c=d", "a"), "b");
}

TEST(Cookies, PassesOverWhatIsNoPair) {
  EXPECT_EQ(FindCookie(";;=;novalue;=x; a=1;", "a"), "1");
  EXPECT_FALSE(CookieReader(";;=;novalue;=x;").Next());
}

TEST(Cookies, NoNumberOfOtherCookiesHidesOne) {
  std::string header = "$Version=1; ";
  for (int i = 0; i < 1000; ++i) header += "c" + std::to_string(i) + "=1;";
  EXPECT_EQ(FindCookie(header + "lk-pre=abc", "lk-pre"), "abc");
  EXPECT_EQ(FindCookie(header + " __Host-lk-pre=\"abc\"; $Path=/", "__Host-lk-pre"), "abc");
}

TEST(Cookies, OneOfANameAfterTheOther) {
  CookieReader cookies("a=1;b=2;a=3; a=4");
  EXPECT_EQ(cookies.Next("a")->value, "1");
  EXPECT_EQ(cookies.Next()->name, "b");
  EXPECT_EQ(cookies.Next("a")->value, "3");
  EXPECT_EQ(cookies.Next("a")->value, "4");
  EXPECT_FALSE(cookies.Next("a"));
}

TEST(Cookies, ReadsAsManyBytesAsNginxLetsThrough) {
  const std::string header = "a=" + std::string(16 * 1024 - 2, 'x') + "; b=2";
  EXPECT_EQ(FindCookie(header, "a").size(), 16 * 1024 - 2U);
  EXPECT_EQ(FindCookie(header, "b"), "");
}

TEST(Cookies, TlsTakesTheHostPrefixAndSecure) {
  EXPECT_EQ(CookieName("lk-pre", Transport::kTls), "__Host-lk-pre");
  EXPECT_EQ(CookieName("lk-pre", Transport::kPlain), "lk-pre");
  EXPECT_EQ(ToHeader({.name = "__Host-lk-pre",
                      .value = "v",
                      .max_age = base::seconds(0),
                      .transport = Transport::kTls}),
            "__Host-lk-pre=v; Path=/; HttpOnly; SameSite=Lax; Secure");
}

TEST(Cookies, LifetimeIsMaxAge) {
  EXPECT_EQ(ToHeader({.name = "lk-1",
                      .value = "v",
                      .max_age = base::seconds(3600),
                      .transport = Transport::kPlain}),
            "lk-1=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600");
}

TEST(Cookies, ExpiredCookieIsTakenAwayUnderTheSameAttributes) {
  EXPECT_EQ(ExpiredCookie("__Host-lk-1", Transport::kTls),
            "__Host-lk-1=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
}

}  // namespace
}  // namespace http
