#include "json/value.h"

#include <gtest/gtest.h>

#include <string>

namespace json {
namespace {

TEST(Json, PrintsMembersInOrderWithEscapes) {
  const Object object{{"b", "q\"\\\n\x01"}, {"a", std::int64_t{-7}}, {"c", Value()}, {"d", true}};
  EXPECT_EQ(
      ToText(Value(object)),
      "{\n  \"b\": \"q\\\"\\\\\\n\\u0001\",\n  \"a\": -7,\n  \"c\": null,\n  \"d\": true\n}\n");
}

TEST(Json, PrintsOnOneLineToo) {
  const Object object{{"text", "a\nb"}, {"list", Value::List({"x", "y"})}, {"n", Value()}};
  EXPECT_EQ(ToLine(Value(object)), "{\"text\":\"a\\nb\",\"list\":[\"x\",\"y\"],\"n\":null}\n");
}

TEST(Json, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(ToText(Value(std::string("a\xff"))), "\"a\uFFFD\"\n");
}

TEST(Json, ReadsWhatItPrints) {
  const Object object{
      {"list", Value::List({"x", "\u00e4"})}, {"n", std::int64_t{1} << 60}, {"t", "text"}};
  const auto parsed = Parse(ToText(Value(object)));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(ToText(*parsed), ToText(Value(object)));
}

TEST(Json, FindsMembersByTypeOnly) {
  const auto value = Parse(R"({"a": "x", "a": "y", "n": 5, "f": 2.9, "o": {"i": 1}})");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->Text("a"), "x");
  EXPECT_EQ(value->Number("n"), 5);
  EXPECT_EQ(value->Number("f"), 2);
  EXPECT_EQ(value->Text("n"), std::nullopt);
  EXPECT_EQ(value->Number("missing"), std::nullopt);
  ASSERT_NE(value->Find("o"), nullptr);
  EXPECT_EQ(value->Find("o")->Number("i"), 1);
  EXPECT_EQ(Value("text").Find("a"), nullptr);
}

TEST(ParseJson, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "{\"a\":}", "[1,]", "nul", "{} x", "\"\xff\"", "<html>",
                           "1e999", "-", "01", "1.", "1e", ".5", "+1", "NaN", "-Infinity"}) {
    EXPECT_EQ(Parse(text).status().code(), base::Code::kCorrupt) << text;
  }
}

TEST(ParseJson, ReadsToTheEndOfTheTextAndNoFurther) {
  EXPECT_FALSE(Parse(std::string_view("{}\0", 3)).ok());
  EXPECT_FALSE(Parse(std::string_view("{}\0{\"a\":1}", 10)).ok());
  EXPECT_TRUE(Parse(std::string_view("{}{", 2)).ok());
  EXPECT_TRUE(Parse("\xef\xbb\xbf{}").ok());  // a byte order mark
  for (const char* text : {"\xef{}", "\xbb{}", "\xbf{}", "\xef\xbb{}", "\xef\xbf{}", "\xbb\xbf{}",
                           "\xef\xbb\xbf\xef\xbb\xbf{}", "\xef\xbb\xbf"}) {
    EXPECT_FALSE(Parse(text).ok()) << text;  // a part of one, two, one and nothing
  }
}

TEST(ParseJson, RefusesTextThatIsNoUtf8) {
  for (const char* text : {R"("\ud800")", R"("\udc00")", R"({"\udc00":1})", "\"\xc0\x80\""}) {
    EXPECT_EQ(Parse(text).status().code(), base::Code::kCorrupt) << text;
  }
}

// RapidJSON 1.1.0 asserts on the first and reads far outside its table without assertions.
TEST(ParseJson, ConvertsNoNumberThatAStrangerWrote) {
  for (const char* text :
       {"0.00000000001e-2147483639", "-0.0e-2147483648", "1.5e-99999999999999999999",
        "18446744073709551616", "123456789012345678901234567890", "0.1", "-1.5e3", "1e308", "-0"}) {
    const auto value = Parse(std::string("[") + text + "]");
    ASSERT_TRUE(value.ok()) << text;
    EXPECT_EQ(ToLine(*value),
              std::string(text) == "-0" ? "[0]\n" : std::string("[") + text + "]\n");
  }
}

TEST(ParseJson, TakesNumbersOfEveryLengthWithoutACrash) {
  for (const char* sign : {"", "-"}) {
    for (const std::size_t digits : {1, 9, 10, 18, 19, 20, 308, 309, 400, 16'000}) {
      const std::string number = sign + std::string(digits, '9');
      for (const std::string& end :
           {std::string(), "." + std::string(digits, '0') + "1", "e-" + std::string(digits, '9'),
            "e" + std::string(digits, '9'), "." + std::string(digits, '0') + "1e-2147483639"}) {
        (void)Parse(number + end);
        (void)Parse(sign + ("0" + end));
      }
    }
  }
}

TEST(Value, ConvertsANumberOnlyWithinItsBounds) {
  const auto real = [](const char* text) { return Parse(text)->Real(); };
  EXPECT_EQ(real("1.5"), 1.5);
  EXPECT_EQ(real("1764000000"), 1764000000.0);
  EXPECT_EQ(real("0.00000000001e-2147483639"), 0.0);
  EXPECT_EQ(real("1E-2147483639"), 0.0);
  EXPECT_EQ(real("1e16"), std::nullopt);
  EXPECT_EQ(real("9223372036854775807"), std::nullopt);
  EXPECT_EQ(real("123456789012345678901234567890"), std::nullopt);
  EXPECT_EQ(real("\"1\""), std::nullopt);
  const auto object = Parse(R"({"whole":9223372036854775807,"large":1e300,"cut":-2.9,"text":"5"})");
  EXPECT_EQ(object->Number("whole"), INT64_MAX);
  EXPECT_EQ(object->Number("large"), std::nullopt);
  EXPECT_EQ(object->Number("cut"), -2);
  EXPECT_EQ(object->Number("text"), std::nullopt);
}

TEST(ParseJson, BoundsDepthWithoutOverflowingTheStack) {
  EXPECT_TRUE(Parse(std::string(32, '[') + std::string(32, ']')).ok());
  EXPECT_FALSE(Parse(std::string(33, '[') + std::string(33, ']')).ok());
  EXPECT_FALSE(Parse(std::string(1'000'000, '[')).ok());
}

}  // namespace
}  // namespace json
