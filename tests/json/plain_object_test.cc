#include "json/plain_object.h"

#include <gtest/gtest.h>

#include <string>

#include "json/value.h"

namespace json {
namespace {

// The members as one line; "?": left to Parse().
std::string Plain(std::string_view text) {
  const auto members = ReadPlainObject(text);
  if (!members) return "?";
  std::string shown;
  for (const auto& [key, value] : *members) {
    shown.append(key).append("=").append(value).append(";");
  }
  return shown;
}

TEST(PlainObject, ReadsTextsInTheirOrder) {
  EXPECT_EQ(Plain(R"({"client_id":"a","org":"acme"})"), "client_id=a;org=acme;");
  EXPECT_EQ(Plain(" {\t\"a\" :\r\n\"b\" , \"a\" : \"\" } \n"), "a=b;a=;");
  EXPECT_EQ(Plain("{\"\":\" \u00e4\x7f'/\"}"), "= \u00e4\x7f'/;");
}

TEST(PlainObject, LeavesAllElseToTheParser) {
  for (const char* text : {"",
                           "{",
                           "{}",
                           "{ }",
                           "[]",
                           "\"a\"",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1}",
                           "{\"a\":null}",
                           "{\"a\":[]}",
                           "{\"a\":{}}",
                           R"({"a":"\u0062"})",
                           R"({"a\n":"b"})",
                           "{\"a\":\"b\",}",
                           "{\"a\":\"b\"}}",
                           "{\"a\":\"b\"} x",
                           "{\"a\":\"b\" \"c\":\"d\"}",
                           "{\"a\" \"b\"}",
                           "{\"a\":\"b",
                           "{\"a\":\"b\"",
                           "{a:\"b\"}",
                           "{'a':'b'}",
                           "\xef\xbb\xbf{\"a\":\"b\"}",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":\"b\n\"}",
                           "{\"a\n\":\"b\"}",
                           "{\"a\":\"b\t \"}",
                           "{\"a\":\"1234567\n\"}"}) {
    EXPECT_EQ(Plain(text), "?") << text;
  }
  EXPECT_EQ(Plain(std::string_view("{\"a\":\"b\"}\0", 10)), "?");
  EXPECT_EQ(Plain(std::string_view("{\"a\":\"\0\"}", 9)), "?");
}

// Each byte at each place of a body: what is read is what the parser reads.
TEST(PlainObject, ReadsWhatTheParserReadsAndNoMore) {
  const std::string body = "{ \"key\":\"a longer text\",\"b\":\"\u00e4\" }";
  int read = 0;
  for (std::size_t at = 0; at < body.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = body;
      changed[at] = static_cast<char>(byte);
      const auto plain = ReadPlainObject(changed);
      if (!plain) continue;
      ++read;
      const auto parsed = Parse(changed);
      ASSERT_TRUE(parsed.ok()) << changed;
      Object members;
      for (const auto& [key, value] : *plain) members.push_back({std::string(key), value});
      EXPECT_EQ(ToLine(*parsed), ToLine(Value(members))) << changed;
    }
  }
  EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace json
