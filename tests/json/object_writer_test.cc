#include "json/object_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "json/value.h"

namespace json {
namespace {

TEST(ObjectWriter, WritesMembersInTheirOrderWithoutBlanks) {
  EXPECT_EQ(ObjectWriter()
                .Text("a", "x")
                .OptionalText("left_out", "")
                .OptionalText("b", "y")
                .Number("n", -7)
                .Bool("t", true)
                .Bool("f", false)
                .Take(),
            R"({"a":"x","b":"y","n":-7,"t":true,"f":false})");
  EXPECT_EQ(ObjectWriter().Take(), "{}");
  EXPECT_EQ(ObjectWriter().OptionalText("a", "").Take(), "{}");
}

TEST(ObjectWriter, WritesArraysOfTextsAndOfJson) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(ObjectWriter().Array("none", Texts{}).Array("two", Texts{"a", "\""}).Take(),
            R"({"none":[],"two":["a","\""]})");
  EXPECT_EQ(ObjectWriter().RawArray("none", {}).RawArray("two", {"{}", "[1]"}).Take(),
            R"({"none":[],"two":[{},[1]]})");
}

TEST(ObjectWriter, WritesEveryNumberOf64Bits) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(ObjectWriter().Number("a", Limits::min()).Number("b", Limits::max()).Take(),
            R"({"a":-9223372036854775808,"b":9223372036854775807})");
}

// Wherever in the eight bytes that are looked at together: before, on and after it.
TEST(ObjectWriter, EscapesEveryByteAsTheOtherWriterDoes) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t before = 0; before < 18; ++before) {
      const std::string text =
          std::string(before, 'x') + static_cast<char>(byte) + "\"" + std::string(9, '\x1f') + "~";
      EXPECT_EQ(ObjectWriter().Text(text, text).Take() + "\n",
                ToLine(Value(Object{{text, Value(text)}})))
          << byte << " after " << before;
    }
  }
}

TEST(ObjectWriter, LeavesCharactersOfMoreBytesAsTheyAre) {
  EXPECT_EQ(ObjectWriter().Text("a", "\u00e4\u20ac\U0001f511\u0080").Take(),
            "{\"a\":\"\u00e4\u20ac\U0001f511\u0080\"}");
}

}  // namespace
}  // namespace json
