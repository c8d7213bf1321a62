#include "ctl/login/login_text.h"

#include <gtest/gtest.h>

#include "ctl/login/qr.h"

namespace ctl {
namespace {

using base::seconds;

DeviceAuthorization Authorization() {
  return {.device_code = "secret-device-code",
          .user_code = "ABCD-EFGH",
          .verification_uri = "http://127.0.0.1:8080/activate",
          .verification_uri_complete = "http://127.0.0.1:8080/activate?user_code=ABCD-EFGH",
          .expires_in = seconds(900),
          .interval = seconds(5)};
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(InstructionsText, ShowsAddressCodeAndTheWayByHand) {
  const std::string text =
      InstructionsText(Authorization(), {.wanted = false, .colours = false, .columns = 80});
  EXPECT_TRUE(Contains(text, "\n  http://127.0.0.1:8080/activate?user_code=ABCD-EFGH\n"));
  EXPECT_TRUE(Contains(text, "\n  ABCD-EFGH\n"));
  EXPECT_TRUE(Contains(text, "15 min"));
  EXPECT_FALSE(Contains(text, "secret-device-code"));
}

TEST(InstructionsText, DrawsTheQrCodeOnlyWhereItFits) {
  const auto wide =
      InstructionsText(Authorization(), {.wanted = true, .colours = false, .columns = 80});
  const auto narrow =
      InstructionsText(Authorization(), {.wanted = true, .colours = false, .columns = 20});
  EXPECT_TRUE(Contains(wide, "\u2588"));
  EXPECT_FALSE(Contains(narrow, "\u2588"));
}

TEST(InstructionsText, LetsNoServerControlTheTerminal) {
  DeviceAuthorization authorization = Authorization();
  authorization.user_code = "A\x1b[2J";
  authorization.verification_uri_complete.clear();
  authorization.verification_uri = "http://a/\x1b]0;x";
  const auto text =
      InstructionsText(authorization, {.wanted = false, .colours = false, .columns = 80});
  EXPECT_FALSE(Contains(text, "\x1b"));
}

TEST(SignedInText, ShowsWhoAndWhatPlan) {
  const auto user =
      ParseJson(R"({"id": "u1", "email": "alice@acme.example", "org": "acme", "service": "cli"})");
  const auto subscription =
      ParseJson(R"({"service": "cli", "plan": "pro", "features": ["sync"], "status": "active"})");
  const Tokens tokens{
      .access_token = "jwt", .refresh_token = "r", .expires_in = seconds(3600), .scope = ""};
  const std::string text = SignedInText(*user, *subscription, tokens);
  EXPECT_TRUE(Contains(text, "Signed in as alice@acme.example"));
  EXPECT_TRUE(Contains(text, "pro"));
  EXPECT_FALSE(Contains(text, "jwt"));
  EXPECT_EQ(Json(SignedInJson(*user, *subscription, tokens)).Text("access_token"), "jwt");
}

TEST(RenderQr, IsAsWideAsItSays) {
  const auto qr = RenderQr("http://127.0.0.1:8080/activate?user_code=ABCD-EFGH", QrStyle::kPlain);
  ASSERT_TRUE(qr.ok());
  std::size_t characters = 0;
  for (const char c : qr->text.substr(0, qr->text.find('\n'))) {
    if ((c & 0xc0) != 0x80) ++characters;
  }
  EXPECT_EQ(characters, qr->columns);
  EXPECT_EQ(qr->columns, 33u);  // version 3: 29 modules and the quiet zone
}

TEST(RenderQr, DrawsTheFinderPatternInBothStyles) {
  // Colours draw dark modules: the first line is the quiet zone, the second has the finder's upper
  // rim.
  const auto coloured = RenderQr("x", QrStyle::kColours);
  const auto plain = RenderQr("x", QrStyle::kPlain);
  ASSERT_TRUE(coloured.ok() && plain.ok());
  const auto second_line = [](const std::string& text) { return text.substr(text.find('\n') + 1); };
  EXPECT_TRUE(
      Contains(second_line(coloured->text), "m  \u2588\u2580\u2580\u2580\u2580\u2580\u2588 "));
  EXPECT_TRUE(
      second_line(plain->text).starts_with("\u2588\u2588 \u2584\u2584\u2584\u2584\u2584 \u2588"));
}

TEST(RenderQr, RefusesWhatDoesNotFit) {
  EXPECT_EQ(RenderQr(std::string(5000, 'x'), QrStyle::kPlain).status().code(),
            base::Code::kInvalid);
  EXPECT_EQ(RenderQr("", QrStyle::kPlain).status().code(), base::Code::kInvalid);
}

}  // namespace
}  // namespace ctl
