#include "accounts/common_passwords.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "accounts/password_words.h"
#include "common_passwords_files.h"

namespace accounts {

namespace {

constexpr std::size_t kMostDecoration = 6;  // "2026!!": more than that is chosen by nobody's habit
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

bool IsDressed(std::string_view text) {
  const std::string_view core = WithoutDecoration(text);
  return text.size() - core.size() <= kMostDecoration &&
         (IsLineOf(kWords, core) || IsLineOf(kWords, Undisguised(core, "@431!0$57")));
}

// A word that guessers try first, with a few digits and signs around. A sign at an end may be a letter of it or not.
bool IsDressedWord(std::string_view folded) {
  return IsDressed(folded) || IsDressed(Undisguised(folded, "@$"));
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
  return IsLineOf(kPasswords, folded) || IsLineOf(kPasswords, WithoutDecoration(folded)) ||
         IsDressedWord(folded) || IsOfFewCharacters(folded);
}

}  // namespace accounts
