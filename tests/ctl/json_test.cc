#include "ctl/print/json.h"

#include <gtest/gtest.h>

#include <string>

namespace ctl {
namespace {

TEST(Json, PrintsMembersInOrderWithEscapes) {
  const JsonObject object{
      {"b", "q\"\\\n\x01"}, {"a", std::int64_t{-7}}, {"c", Json()}, {"d", true}};
  EXPECT_EQ(
      ToText(Json(object)),
      "{\n  \"b\": \"q\\\"\\\\\\n\\u0001\",\n  \"a\": -7,\n  \"c\": null,\n  \"d\": true\n}\n");
}

TEST(Json, PrintsOnOneLineToo) {
  const JsonObject object{{"text", "a\nb"}, {"list", Json::List({"x", "y"})}, {"n", Json()}};
  EXPECT_EQ(ToLine(Json(object)), "{\"text\":\"a\\nb\",\"list\":[\"x\",\"y\"],\"n\":null}\n");
}

TEST(Json, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(ToText(Json(std::string("a\xff"))), "\"a\uFFFD\"\n");
}

TEST(Json, ReadsWhatItPrints) {
  const JsonObject object{
      {"list", Json::List({"x", "\u00e4"})}, {"n", std::int64_t{1} << 60}, {"t", "text"}};
  const auto parsed = ParseJson(ToText(Json(object)));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(ToText(*parsed), ToText(Json(object)));
}

TEST(Json, FindsMembersByTypeOnly) {
  const auto json = ParseJson(R"({"a": "x", "a": "y", "n": 5, "f": 2.9, "o": {"i": 1}})");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->Text("a"), "x");
  EXPECT_EQ(json->Number("n"), 5);
  EXPECT_EQ(json->Number("f"), 2);
  EXPECT_EQ(json->Text("n"), std::nullopt);
  EXPECT_EQ(json->Number("missing"), std::nullopt);
  ASSERT_NE(json->Find("o"), nullptr);
  EXPECT_EQ(json->Find("o")->Number("i"), 1);
  EXPECT_EQ(Json("text").Find("a"), nullptr);
}

TEST(ParseJson, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "{\"a\":}", "[1,]", "nul", "{} x", "\"\xff\"", "<html>",
                           "1e999", "18446744073709551615"}) {
    EXPECT_EQ(ParseJson(text).status().code(), base::Code::kCorrupt) << text;
  }
}

TEST(ParseJson, BoundsDepthWithoutOverflowingTheStack) {
  EXPECT_TRUE(ParseJson(std::string(32, '[') + std::string(32, ']')).ok());
  EXPECT_FALSE(ParseJson(std::string(33, '[') + std::string(33, ']')).ok());
  EXPECT_FALSE(ParseJson(std::string(1'000'000, '[')).ok());
}

}  // namespace
}  // namespace ctl
