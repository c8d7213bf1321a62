#include "accounts/password_policy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "accounts/common_passwords.h"
#include "accounts/password_text.h"
#include "domain/ports/reader.h"

namespace accounts {
namespace {

// "" where the password will do.
std::string Refusal(std::string_view password, const PlaceTexts& place = {}) {
  const auto error = CheckNewPassword(password, password, place);
  if (!error) return "";
  EXPECT_EQ(error->code, domain::ErrorCode::kInvalidRequest);
  return error->description;
}

bool Says(const std::string& sentence, std::string_view part) {
  return sentence.find(part) != std::string::npos;
}

std::string Repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all.append(text);
  return all;
}

TEST(PasswordPolicy, CountsCharactersNotBytes) {
  EXPECT_TRUE(Says(Refusal("äöüäöüäöü"), "too short"));
  EXPECT_EQ(Refusal("äöüäöüäöüß"), "");
}

TEST(PasswordPolicy, CountsAsTypedAndAsNormalized) {
  EXPECT_TRUE(Says(Refusal(Repeat("e\u0301", 5)), "too short")) << "ten typed, five left";
  EXPECT_TRUE(Says(Refusal("\ufdfa"), "too short")) << "one typed, eighteen hashed";
  EXPECT_TRUE(Says(Refusal(Repeat("\ufdfa", 20)), "too long")) << "twenty typed, 360 hashed";
  EXPECT_EQ(Refusal(Repeat("\ufdfa", 12)), "");
}

TEST(PasswordPolicy, TakesAnyCharactersUpTo256) {
  EXPECT_EQ(Refusal(Repeat(" .-_", 64)), "");
  EXPECT_EQ(Refusal(Repeat("\U0001f511\U0001f512\U0001f513\U0001f514", 64)), "");
  EXPECT_TRUE(Says(Refusal(std::string(257, 'x')), "too long"));
}

TEST(PasswordPolicy, RefusesTwoThatDiffer) {
  const auto error = CheckNewPassword("some good words", "some good wordz", {});
  ASSERT_TRUE(error);
  EXPECT_TRUE(Says(error->description, "differ"));
  EXPECT_FALSE(CheckNewPassword("\u00e9 and much more", "e\u0301 and much more", {}))
      << "the same, typed on two keyboards";
}

TEST(PasswordPolicy, SaysOfCharactersThatNoPasswordCanHaveWhatToDo) {
  EXPECT_TRUE(Says(Refusal("broken \xff utf-8"), "UTF-8"));
  EXPECT_TRUE(Says(Refusal("half a pair \xed\xa0\x80"), "UTF-8"));
  EXPECT_TRUE(Says(Refusal(std::string("with \0 in it", 12)), "control character"));
  EXPECT_TRUE(Says(Refusal("with\ta tab in it"), "control character"));
  EXPECT_TRUE(Says(Refusal("with \u0085 of C1"), "control character"));
  EXPECT_TRUE(Says(Refusal("unassigned \u0378 here"), "does not know"));
  EXPECT_TRUE(Says(Refusal("no character \uffff here"), "does not know"));
  EXPECT_EQ(Refusal("private \ue000 is theirs"), "");
}

TEST(PasswordPolicy, RefusesTheCommonestInAnyCaseAndDress) {
  for (const char* password : {"1234567890",
                               "qwertyuiop",
                               "password123",
                               "PASSWORD123",
                               "Manchester",
                               "1q2w3e4r5t",
                               "basketball",
                               "basketball1",
                               "!!Basketball2026!!",
                               "Password123!",
                               "P@ssw0rd123",
                               "P455w0rd!!",
                               "Winter2026!",
                               "Summer2025!",
                               "$ummer2026",
                               "2026-Monday!",
                               "Qwerty2026!",
                               "Letmein2026",
                               "m0nk3y2026",
                               "Qwerty123456!",
                               "!!1234567890!!",
                               "Password1234567",
                               "Password987654321",
                               "January01012026",
                               "19990101January",
                               "passwordabc",
                               "abcPassword123",
                               "Passwordqwerty",
                               "Password!@#$%^&*",
                               "password1password1",
                               "Summer2026Summer2026",
                               "summersummersummer!",
                               "p.a.s.s.w.o.r.d",
                               "P-A-S-S-W-O-R-D-1",
                               "pass word 2026",
                               "12-34-56-78-90",
                               "abcd1234!@#$",
                               "qwer1234!@#$",
                               "qwertzuiop123",
                               "1qaz2wsx3edc",
                               "zyxwvutsrq",
                               "            ",
                               "!!!!!!!!!!",
                               "1212121212",
                               "aaaaaaaaab",
                               "\U0001f511\U0001f511\U0001f511\U0001f511\U0001f511"
                               "\U0001f511\U0001f511\U0001f511\U0001f511\U0001f511",
                               "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10"}) {
    EXPECT_TRUE(Says(Refusal(password), "Many people")) << password;
  }
  for (const char* password :
       {"correct horse battery", "some good words", "8402913847", "manchesterly", "monkey74920184",
        "wintergarden", "my winter 2026"}) {
    EXPECT_EQ(Refusal(password), "") << password;
  }
}

// What a person or a program chooses well, however it looks.
TEST(PasswordPolicy, RefusesNoStrongPassphrase) {
  for (const char* password :
       {"correct horse battery staple",
        "Correct-Horse-Battery-Staple",
        "purple.monkey.dishwasher",
        "summer rain on tin roofs",
        "password is not my password",
        "wintergarden und kaffee",
        "seven red foxes jump 1234",
        "abc is where I begin",
        "my dog ate 123 biscuits",
        "qwerty keyboards are old",
        "zwölf Boxkämpfer jagen",
        "J4nuary ketchup 2026 moon",
        "kX9#vQ2!mLp7",
        "Tr0ub4dor&3x",
        "tlpWENT2m!!x",
        "9f86d081884c7d65",
        "7c4a8d09-ca37-62af",
        "uT%8-wq3-Zk1p",
        "monkey!?7-x#2_v",
        "summer-k3v9-otter",
        "4871 2095 6630 1187",
        "hsnfyakeltm",
        "tiger-lamp-tiger",
        "the the the cat sat",
        "東京都の雨はやまない夜",
        "\U0001f511\U0001f512\U0001f98a\U0001f344\U0001f30a\U0001f525\U0001f9e9\U0001f41d\U0001f9c3"
        "\U0001f332"}) {
    EXPECT_EQ(Refusal(password), "") << password;
  }
}

TEST(CommonPasswords, HaveEachLineOfTheTableAndNothingBetween) {
  EXPECT_TRUE(IsCommonPassword("!!estresado!!")) << "the first line";
  EXPECT_FALSE(IsCommonPassword("\x01\x02\x03\x04"));
  EXPECT_FALSE(IsCommonPassword("\n\r\t\v"));
  EXPECT_TRUE(IsCommonPassword("1029384756"));
  EXPECT_FALSE(IsCommonPassword("1029384756\n"));
  EXPECT_FALSE(IsCommonPassword("~}|{~}|{"));
  EXPECT_FALSE(IsCommonPassword(" !\"# !\"#"));
}

TEST(PasswordPolicy, RefusesWhatIsMadeOfTheWordsOfThePlace) {
  const PlaceTexts place{"acme",
                         "Acme Größe Inc.",
                         "cli",
                         "Acme Command Line",
                         "web",
                         "Portal",
                         "alice.liddell@mail.wonder.example",
                         "login.acme.test"};
  for (const char* password :
       {"acmeacmeacme", "Acme-2026-Acme", "ACME GRÖSSE INC.", "acme größe 1", "alice.liddell1",
        "liddellalice", "alice.liddell@mail.wonder.example", "latchkey2026", "LatchKey!!!!",
        "login.acme.test", "commandline99", "portal-portal", "acme1234567", "xacmeacme12",
        "\uff41\uff43\uff4d\uff45 portal 1"}) {
    EXPECT_TRUE(Says(Refusal(password, place), "names that everybody here knows")) << password;
  }
  for (const char* password : {"acme is not enough", "alice met a rabbit",
                               "commander in lines of it", "8402913847", "wonderful portals"}) {
    EXPECT_EQ(Refusal(password, place), "") << password;
  }
  EXPECT_EQ(Refusal("acmeacmeacme"), "") << "elsewhere it is no name";
}

// However many bytes it has.
TEST(PasswordPolicy, CountsTheLettersThatAreLeftOfAPassword) {
  const PlaceTexts place{"acme", "東京都"};
  for (const char* password : {"acmeacme12\u65e5", "acmeacme1\u65e5\u672c", "acmeacme\u00f6\u00e4",
                               "acme123456\U00020000x", "acmeacmexy", "東京都東京都東京都\u65e5"}) {
    EXPECT_TRUE(Says(Refusal(password, place), "names that everybody here knows")) << password;
  }
  for (const char* password :
       {"acmeacme\u65e5\u672c\u8a9e", "acmeacmexyz", "acmeacme\u00f6\u00e4\u00fc"}) {
    EXPECT_EQ(Refusal(password, place), "") << password;
  }
}

TEST(PasswordPolicy, KnowsEachNameOfThePlaceByItself) {
  std::vector<std::string> names{"first-cli", "Ox Bo"};
  for (int i = 0; i < domain::kMaxServiceNames; ++i) {
    names.insert(names.end(), {"slug" + std::string(1, static_cast<char>('a' + i / 26)) +
                                   std::string(1, static_cast<char>('a' + i % 26)),
                               "n"});
  }
  names.insert(names.begin() + 2 * domain::kMaxServiceNames, {"surplus", "Surplus Name"});
  const PlaceTexts place = PlaceTextsOf({.organization_slug = "acme",
                                         .organization_name = "My Co",
                                         .service_names = names,
                                         .email = "alice@wonder.example",
                                         .public_url = "https://login.acme.test:8443"});
  for (const char* password :
       {"ox bo ox bo", "my co my co", "first-cli-first", "alice-wonder", "login.acme.test"}) {
    EXPECT_TRUE(Says(Refusal(password, place), "names that everybody here knows")) << password;
  }
  EXPECT_EQ(Refusal("surplussurplus", place), "") << "of the first hundred services";
}

TEST(PasswordText, AsciiIsItsOwnNormalForm) {
  std::string all;
  for (int c = 0; c < 128; ++c) all.push_back(static_cast<char>(c));
  EXPECT_EQ(NormalizePassword(all), all);
  EXPECT_EQ(NormalizePassword(""), "");
}

TEST(PasswordText, IsOneForWhatIsTypedInDifferentWays) {
  EXPECT_EQ(NormalizePassword("caf\u00e9"), NormalizePassword("cafe\u0301"));
  EXPECT_EQ(NormalizePassword("\uff50\uff57"), "pw") << "full width";
  EXPECT_EQ(NormalizePassword("a\u00a0b\u3000c"), "a b c") << "spaces of other widths";
  EXPECT_EQ(NormalizePassword("\ufb01ne"), "fine") << "a ligature";
  EXPECT_NE(NormalizePassword("STRASSE"), NormalizePassword("strasse")) << "case counts";
}

TEST(PasswordText, WhatHasNoNormalFormStaysAsItIs) {
  EXPECT_EQ(NormalizePassword("\xff\u00e9"), "\xff\u00e9");
  const std::string huge = Repeat("e\u0301", 400);
  ASSERT_GT(huge.size(), kMaxTypedPasswordBytes);
  EXPECT_EQ(NormalizePassword(huge), huge);
  const std::string longest = Repeat("\u00e9", 512);
  ASSERT_EQ(longest.size(), kMaxTypedPasswordBytes);
  EXPECT_EQ(NormalizePassword(longest), longest);
}

}  // namespace
}  // namespace accounts
