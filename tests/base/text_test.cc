#include "base/text.h"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

TEST(AsciiLower, ChangesLettersOfAsciiAlone) {
  EXPECT_EQ(AsciiLower("AZaz@[`{09"), "azaz@[`{09");
  EXPECT_EQ(AsciiLower("\xc3\x84"), "\xc3\x84");
  EXPECT_EQ(AsciiLower(""), "");
}

TEST(IsInLower, ComparesWhateverTheCaseOfAscii) {
  EXPECT_TRUE(IsInLower("application/json", "application/json"));
  EXPECT_TRUE(IsInLower("Application/JSON", "application/json"));
  EXPECT_TRUE(IsInLower("", ""));
  EXPECT_FALSE(IsInLower("application/jso", "application/json"));
  EXPECT_FALSE(IsInLower("application/jsonx", "application/json"));
  EXPECT_FALSE(IsInLower("\xc3\x84", "\xc3\xa4"));
}

// Each byte at each place of texts around the eight bytes that are looked at together.
TEST(IsPrintableAscii, IsTrueOfBlankToTildeAlone) {
  EXPECT_TRUE(IsPrintableAscii(""));
  for (std::size_t size = 1; size < 26; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, byte % 2 == 0 ? ' ' : '~');
        text[at] = static_cast<char>(byte);
        EXPECT_EQ(IsPrintableAscii(text), byte >= ' ' && byte <= '~')
            << size << ' ' << at << ' ' << byte;
      }
    }
  }
}

TEST(ShownUserAgent, KeepsThePrintableOfItsFirst200Bytes) {
  EXPECT_EQ(ShownUserAgent("curl/8 (\x01\x7f\xc3\x84~)"), "curl/8 (~)");
  EXPECT_EQ(ShownUserAgent("\n" + std::string(300, 'a')), std::string(199, 'a'));
}

}  // namespace
}  // namespace base
