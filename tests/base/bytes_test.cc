#include "base/bytes.h"

#include <gtest/gtest.h>

namespace {

TEST(Base64Url, RoundTripsEveryLength) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(base::Base64UrlDecode(base::Base64UrlEncode(base::AsBytes(bytes))), bytes);
    bytes.push_back(static_cast<char>(i * 41));
  }
}

TEST(Base64Url, MatchesRfc4648) {
  EXPECT_EQ(base::Base64UrlEncode(base::AsBytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(base::Base64UrlEncode(base::AsBytes("fo")), "Zm8");
  EXPECT_EQ(base::Base64Decode("Zm8="), "fo");
  EXPECT_EQ(base::Base64Decode("Pz8/"), "???");
}

TEST(Base64Url, RefusesPaddingStrayBitsAndTheOtherAlphabet) {
  for (const char* text : {"Zm8=", "Zm9", "Z", "Zm 8", "Pz8/", "Zm8\n"}) {
    if (std::string_view(text) == "Zm9") {
      EXPECT_EQ(base::Base64UrlDecode(text), std::nullopt) << "the last two bits are not zero";
    } else {
      EXPECT_EQ(base::Base64UrlDecode(text), std::nullopt) << text;
    }
  }
}

TEST(Uuid, RoundTripsAndRefusesOtherShapes) {
  const std::string text = "01890a5d-ac96-774b-bcce-b302099a8057";
  const auto bytes = base::ParseUuid(text);
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(base::UuidText(*bytes), text);
  for (const char* bad :
       {"", "01890a5dac96774bbcceb302099a8057", "01890a5d-ac96-774b-bcce-b302099a805",
        "01890a5d-ac96-774b-bcce-b302099a805g", "01890a5d+ac96-774b-bcce-b302099a8057",
        "01890a5d-ac96-774b-bcce-b302099a8057 ", " 1890a5d-ac96-774b-bcce-b302099a8057",
        "+1890a5d-ac96-774b-bcce-b302099a8057", "0x890a5d-ac96-774b-bcce-b302099a8057",
        "01890a5d-ac96-774b-bcce-b302099a80\xe9\x37", "{01890a5d-ac96-774b-bcce-b302099a805}"}) {
    EXPECT_EQ(base::ParseUuid(bad), std::nullopt) << bad;
  }
  std::string with_nul = text;
  with_nul[35] = '\0';
  EXPECT_EQ(base::ParseUuid(with_nul), std::nullopt);
  EXPECT_EQ(base::ParseUuid(std::string_view()), std::nullopt);
}

TEST(Uuid, IsReadInEitherCaseUpToItsEndAndPrintedInLowerCase) {
  const std::string text = "01890A5D-AC96-774B-BCCE-B302099A8057";
  const std::string_view of_more = "01890A5D-AC96-774B-BCCE-B302099A8057ffff";
  const auto bytes = base::ParseUuid(of_more.substr(0, text.size()));
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ((*bytes)[0], 0x01);
  EXPECT_EQ((*bytes)[7], 0x4b);
  EXPECT_EQ((*bytes)[15], 0x57);
  EXPECT_EQ(base::UuidText(*bytes), "01890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_EQ(base::UuidText({}), "00000000-0000-0000-0000-000000000000");
}

TEST(Hex, RefusesOddLengthsAndOtherDigits) {
  std::array<std::uint8_t, 2> out{};
  EXPECT_TRUE(base::HexDecodeInto("0aFf", out));
  EXPECT_EQ(out[1], 0xff);
  EXPECT_FALSE(base::HexDecodeInto("0aF", out));
  EXPECT_FALSE(base::HexDecodeInto("0ag0", out));
}

}  // namespace
