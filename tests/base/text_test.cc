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

TEST(ShownUserAgent, KeepsThePrintableOfItsFirst200Bytes) {
  EXPECT_EQ(ShownUserAgent("curl/8 (\x01\x7f\xc3\x84~)"), "curl/8 (~)");
  EXPECT_EQ(ShownUserAgent("\n" + std::string(300, 'a')), std::string(199, 'a'));
}

}  // namespace
}  // namespace base
