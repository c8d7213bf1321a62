#include "http/etag.h"

#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

constexpr std::string_view kTag = "\"abc\"";

TEST(IfNoneMatch, NamesATagStrongOrWeak) {
  EXPECT_TRUE(IfNoneMatchNames("\"abc\"", kTag));
  EXPECT_TRUE(IfNoneMatchNames("W/\"abc\"", kTag));
  EXPECT_TRUE(IfNoneMatchNames(" \"abc\" ", kTag));
}

TEST(IfNoneMatch, NamesATagInAListWithoutReadingCommasInside) {
  EXPECT_TRUE(IfNoneMatchNames("\"x\", W/\"abc\"", kTag));
  EXPECT_TRUE(IfNoneMatchNames("\"x\",\"abc\"", kTag));
  EXPECT_TRUE(IfNoneMatchNames(", ,\"x,y\"\t,\"abc\",", kTag));
  EXPECT_FALSE(IfNoneMatchNames("\"x, \\\"abc\\\"\"", kTag)) << "a backslash escapes nothing";
}

TEST(IfNoneMatch, AnyRepresentationIsNamedByAStar) {
  EXPECT_TRUE(IfNoneMatchNames("*", kTag));
  EXPECT_TRUE(IfNoneMatchNames(" *", kTag));
}

TEST(IfNoneMatch, WhatIsNoTagNamesNothing) {
  for (const char* text :
       {"", "abc", "\"abc", "abc\"", "w/\"abc\"", "\"ABC\"", "\"ab\"", "\"\"", "W/", ","}) {
    EXPECT_FALSE(IfNoneMatchNames(text, kTag)) << text;
  }
  EXPECT_FALSE(IfNoneMatchNames("x, \"abc\"", kTag)) << "no list of tags";
  EXPECT_FALSE(IfNoneMatchNames(std::string(100'000, ','), kTag));
}

}  // namespace
}  // namespace http
