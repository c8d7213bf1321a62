#include "accounts/common_passwords.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "accounts/password_runs.h"
#include "accounts/password_words.h"
#include "common_passwords_files.h"

namespace accounts {

namespace {

// Runs counting as one ("01012026!"): more than that is chosen by nobody's habit.
constexpr std::size_t kMostDecoration = 6;
constexpr std::size_t kLeastDistinct = 4;

// Sorted by bytes, a line each.
constexpr std::string_view TextOf(std::string_view name) {
  for (const auto& file : common_passwords::kFiles) {
    if (file.name == name) return file.text;
  }
  return {};
}
constexpr std::string_view kPasswords = TextOf("common_passwords.txt");
constexpr std::string_view kWords = TextOf("common_words.txt");
static_assert(!kPasswords.empty() && !kWords.empty());

// Binary search over the bytes: each step looks at the line that its middle lies in.
bool IsLineOf(std::string_view lines, std::string_view wanted) {
  std::size_t begin = 0;  // of a line
  std::size_t end = lines.size();
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    const std::size_t before = middle == 0 ? lines.npos : lines.rfind('\n', middle - 1);
    const std::size_t start = before == lines.npos ? 0 : before + 1;
    const std::size_t stop = lines.find('\n', start);
    const std::string_view line = lines.substr(start, stop - start);
    if (line == wanted) return true;
    if (line < wanted) {
      begin = stop == lines.npos ? end : stop + 1;
    } else {
      end = start;
    }
  }
  return false;
}

// What stands for a letter as its letter: "p4$$w0rd".
std::string Undisguised(std::string_view text, std::string_view disguises) {
  constexpr std::array<std::pair<char, char>, 9> kLetters{{{'@', 'a'},
                                                           {'4', 'a'},
                                                           {'3', 'e'},
                                                           {'1', 'i'},
                                                           {'!', 'i'},
                                                           {'0', 'o'},
                                                           {'$', 's'},
                                                           {'5', 's'},
                                                           {'7', 't'}}};
  std::string plain(text);
  for (const auto& [disguise, letter] : kLetters) {
    if (disguises.find(disguise) != std::string_view::npos)
      std::replace(plain.begin(), plain.end(), disguise, letter);
  }
  return plain;
}

bool IsWord(std::string_view text) {
  return IsLineOf(kWords, text) || IsLineOf(kWords, Undisguised(text, "@431!0$57"));
}

// `core` is a part of the text.
bool IsDressed(std::string_view text, std::string_view core) {
  if (core.empty() || !IsWord(core)) return false;
  const auto before = static_cast<std::size_t>(core.data() - text.data());
  return CountWithoutRuns(text.substr(0, before)) +
             CountWithoutRuns(text.substr(before + core.size())) <=
         kMostDecoration;
}

bool IsDressed(std::string_view text) {
  return IsDressed(text, WithoutDecoration(text)) || IsDressed(text, WithoutRunsAround(text));
}

// A word that guessers try first, with a few digits, signs and runs around. A sign at an end may be
// a letter of it or not.
bool IsDressedWord(std::string_view text) {
  return IsDressed(text) || IsDressed(Undisguised(text, "@$"));
}

// What can be typed and is neither letter nor digit; the text is folded.
bool IsSign(char c) {
  const bool is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return c >= ' ' && c <= '~' && !is_alphanumeric;
}

std::string_view WithoutSigns(std::string_view text) {
  const auto* const begin = std::find_if_not(text.begin(), text.end(), IsSign);
  const auto last = std::find_if_not(text.rbegin(), text.rend(), IsSign);
  return begin == text.end() ? std::string_view() : std::string_view(begin, last.base());
}

// Without the sign that stands between its parts, if it is one and the same: "p.a.s.s.w.o.r.d", "12-34-56-78-90".
std::string Joined(std::string_view text) {
  const std::string_view inside = WithoutSigns(text);
  const auto* const sign = std::find_if(inside.begin(), inside.end(), IsSign);
  if (sign == inside.end()) return {};
  const bool is_one =
      std::all_of(inside.begin(), inside.end(), [&](char c) { return !IsSign(c) || c == *sign; });
  if (!is_one) return {};
  std::string joined;
  std::copy_if(inside.begin(), inside.end(), std::back_inserter(joined),
               [](char c) { return !IsSign(c); });
  return joined;
}

// "summer2026" of "summer2026summer2026"; else all of it.
std::string_view WithoutRepetition(std::string_view text) {
  for (std::size_t part = 1; part <= text.size() / 2; ++part) {
    if (text.size() % part == 0 && text.substr(part) == text.substr(0, text.size() - part)) {
      return text.substr(0, part);
    }
  }
  return text;
}

bool IsGuessed(std::string_view text) {
  return !text.empty() && (IsLineOf(kPasswords, text) ||
                           IsLineOf(kPasswords, WithoutDecoration(text)) || IsDressedWord(text));
}

bool IsOfFewCharacters(std::string_view folded) {
  std::set<std::string_view> characters;
  while (!folded.empty() && characters.size() < kLeastDistinct) {
    const auto* const next = std::find_if(folded.begin() + 1, folded.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) !=
             0x80U;  // no continuation (RFC 3629 section 3)
    });
    characters.emplace(folded.begin(), next);
    folded = {next, folded.end()};
  }
  return characters.size() < kLeastDistinct;
}

}  // namespace

bool IsCommonPassword(std::string_view folded) {
  for (const std::string_view text : {folded, WithoutSigns(folded)}) {
    for (const std::string_view form : {text, WithoutRepetition(text)}) {
      if (IsGuessed(form) || IsGuessed(Joined(form))) return true;
    }
  }
  return IsOfFewCharacters(folded) || CountWithoutRuns(folded) < kLeastDistinct;
}

}  // namespace accounts
