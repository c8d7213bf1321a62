#include "accounts/email_address.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "accounts/unicode.h"

namespace accounts {
namespace {

// ---- pairs that are one address ----

struct Pair {
  const char* typed;
  const char* kept;
};
const Pair kPairs[] = {
    {"Alice@Acme.Example", "alice@acme.example"},
    {" alice@acme.example\t", "alice@acme.example"},
    {"jürgen@acme.example", "jürgen@acme.example"},
    {"JÜRGEN@acme.example", "jürgen@acme.example"},
    {"ju\xcc\x88rgen@acme.example", "j\xc3\xbcrgen@acme.example"},  // NFD
    {"JU\xcc\x88RGEN@ACME.EXAMPLE", "j\xc3\xbcrgen@acme.example"},
    {"ΣΊΣΥΦΟΣ@x.example", "σίσυφοσ@x.example"},
    {"σίσυφος@x.example", "σίσυφοσ@x.example"},  // the letter's form at the end of a word
    {"STRASSE@x.example", "strasse@x.example"},
    {"straße@x.example", "strasse@x.example"},
    {"Ёлка@x.example", "ёлка@x.example"},
    {"用户@x.example", "用户@x.example"},
    {"u@bücher.example", "u@xn--bcher-kva.example"},
    {"u@BÜCHER.example", "u@xn--bcher-kva.example"},
    {"u@bu\xcc\x88"
     "cher.example",
     "u@xn--bcher-kva.example"},
    {"u@xn--bcher-kva.example", "u@xn--bcher-kva.example"},
    {"u@XN--BCHER-KVA.Example", "u@xn--bcher-kva.example"},
    {"u@faß.example", "u@xn--fa-hia.example"},         // not fass.example: IDNA 2008
    {"u@bücher。example", "u@xn--bcher-kva.example"},  // the ideographic full stop
    {"u@ｂｃ.example", "u@bc.example"},                // full width
    {"o'brien+tag/x=1@x.example", "o'brien+tag/x=1@x.example"},
    {"!#$%&'*+/=?^_`{|}~-.@x.example", "!#$%&'*+/=?^_`{|}~-.@x.example"},
    {"\xef\xac\x81@x.example", "fi@x.example"},  // the ligature, whose case is folded so
    {"a@b", "a@b"},
};

TEST(EmailAddress, WhatIsTypedInTwoWaysIsOneAddress) {
  for (const Pair& pair : kPairs) {
    const auto kept = NormalizeEmailAddress(pair.typed);
    ASSERT_TRUE(kept.ok()) << pair.typed << ": " << kept.error().message();
    EXPECT_EQ(*kept, pair.kept) << pair.typed;
  }
}

TEST(EmailAddress, ItsFormIsItsOwn) {
  for (const Pair& pair : kPairs) EXPECT_EQ(*NormalizeEmailAddress(pair.kept), pair.kept);
}

// ---- what is none ----

std::string WhyRefused(const std::string& typed) {
  const auto kept = NormalizeEmailAddress(typed);
  EXPECT_EQ(kept.status().code(), base::Code::kInvalid) << typed;
  return kept.ok() ? "" : kept.error().message();
}

TEST(EmailAddress, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> refused{
      {"", "one @"},
      {"alice", "one @"},
      {"a@b@c", "one @"},
      {"@b.c", "before the @"},
      {"a@", "behind the @"},
      {"a b@c.d", "blank"},
      {"a,b@x.example", "comma"},
      {"a@x.example,b", "no domain"},
      {"a;b@x.example", "comma"},
      {"<a@x.example>", "angle brackets"},
      {"Alice <a@x.example>", "angle brackets"},
      {"a@x.example>", "angle brackets"},
      {"a@x.", "ends with a dot"},
      {"a@x.example.", "ends with a dot"},
      {"mailto:a@x.example", "mailto:"},
      {"\"a b\"@x.example", "quotes"},
      {"a(comment)@x.example", "( in it"},
      {"a\\b@x.example", "\\ in it"},
      {"a@[127.0.0.1]", "no domain"},
      {"a@x_y.example", "no domain"},
      {"a@-x.example", "no domain"},
      {"a@x-.example", "no domain"},
      {"a@x..example", "no domain"},
      {"a@.example", "no domain"},
      {"a@x y.example", "no domain"},
      {"a@xn--a.example", "no domain"},
      {"a@xn--.example", "no domain"},
      {"a@\xe2\x80\xae"
       "x.example",
       "no domain"},
      {"a\xe2\x80\xae@x.example", "cannot be seen"},  // U+202E, right to left
      {"\xe2\x80\x8f"
       "a@x.example",
       "cannot be seen"},                             // U+200F
      {"a\xe2\x81\xa6@x.example", "cannot be seen"},  // U+2066, isolate
      {"a\xe2\x80\x8b"
       "b@x.example",
       "cannot be seen"},  // U+200B, no width
      {"a\xc2\xad"
       "b@x.example",
       "cannot be seen"},                             // U+00AD, soft hyphen
      {"a\xef\xb8\x8f@x.example", "cannot be seen"},  // U+FE0F, variation selector
      {"a\xcd\x8f@x.example", "cannot be seen"},      // U+034F, grapheme joiner
      {"a\xc2\xa0"
       "b@x.example",
       "cannot be seen"},                            // a blank that does not break
      {"a\xf0\x9f\x98\x80@x.example", "no letter"},  // a face
      {"a\xee\x80\x80@x.example", "no letter"},      // private use
      {"\xef\xbc\xa1@x.example", "looks like"},      // full width A
      {"a\xff@x.example", "UTF-8"},
      {"a\xed\xa0\x80@x.example", "UTF-8"},  // a surrogate
      {"a@\xff.example", "no domain"},
      {std::string("a\0b@x.example", 13), "control"},
      {"a\nb@x.example", "control"},
      {std::string(65, 'a') + "@x.example", "64 bytes"},
      {"a@" + std::string(64, 'b') + ".example", "no domain"},
      {std::string(2000, 'a') + "@x.example", "254"},
  };
  for (const auto& [typed, words] : refused) {
    EXPECT_NE(WhyRefused(typed).find(words), std::string::npos)
        << typed << ": " << WhyRefused(typed);
  }
}

TEST(EmailAddress, HasTheLengthOfRfc5321) {
  const std::string label(63, 'd');
  const std::string domain = label + "." + label + "." + label;                  // 191
  EXPECT_TRUE(NormalizeEmailAddress(std::string(62, 'a') + "@" + domain).ok());  // 254
  EXPECT_TRUE(NormalizeEmailAddress(std::string(64, 'a') + "@x.example").ok());
  EXPECT_NE(WhyRefused(std::string(63, 'a') + "@" + domain).find("254"), std::string::npos);
  // Counted as it is kept: 33 letters of two bytes are 66.
  std::string umlauts;
  for (int i = 0; i < 33; ++i) umlauts += "ü";
  EXPECT_NE(WhyRefused(umlauts + "@x.example").find("64 bytes"), std::string::npos);
}

TEST(Unicode, NormalFormsOfWhatIsNoUtf8DoNotExist) {
  EXPECT_FALSE(Nfkc("\xff"));
  EXPECT_FALSE(FoldCase("\xc3"));
  EXPECT_FALSE(IsWordText("\xff"));
  EXPECT_EQ(Nfkc(""), "");
  EXPECT_EQ(FoldCase(""), "");
  EXPECT_EQ(Nfkc("\xef\xac\x81\xef\xbc\xa1"), "fiA");
}

}  // namespace
}  // namespace accounts
