#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

// Behind each number of ASCII bytes, for eight of them are looked at together.
void ExpectEverywhere(bool is_utf8, const std::string& text) {
  for (std::size_t before = 0; before < 18; ++before) {
    const std::string ascii(before, 'a');
    EXPECT_EQ(IsUtf8(ascii + text), is_utf8) << before;
    EXPECT_EQ(IsUtf8(ascii + text + "b"), is_utf8) << before;
    EXPECT_EQ(IsUtf8(ascii + text + "12345678" + text + ascii), is_utf8) << before;
  }
}

TEST(IsUtf8, TakesCharactersOfEveryLength) {
  EXPECT_TRUE(IsUtf8(""));
  for (const char* text : {"a", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff",
                           "\U00010000", "\U0010ffff", "\u00e4\u20ac\U0001f511"}) {
    ExpectEverywhere(true, text);
  }
  ExpectEverywhere(true, std::string(1, '\0'));
}

TEST(IsUtf8, RefusesWhatIsNoCharacter) {
  for (const char* text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf",
                           "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80",
                           "\xf8\x88\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x94"}) {
    ExpectEverywhere(false, text);
  }
}

}  // namespace
}  // namespace base
