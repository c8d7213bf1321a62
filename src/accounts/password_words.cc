#include "accounts/password_words.h"

#include <algorithm>
#include <iterator>

#include "accounts/password_text.h"
#include "base/url.h"
#include "domain/ports/reader.h"

namespace accounts {

namespace {

constexpr std::size_t kLeastWordCharacters = 3;
constexpr std::size_t kMostLettersLeft = 2;
constexpr std::string_view kProduct = "latchkey";

// A byte of one: code points beyond ASCII count as letters.
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool IsWordByte(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }

std::size_t CountLetters(std::string_view text) {
  std::string letters;
  std::copy_if(text.begin(), text.end(), std::back_inserter(letters), IsLetter);
  return CountCharacters(letters);
}

void AddWord(std::string_view word, std::vector<std::string>* words) {
  if (CountCharacters(word) < kLeastWordCharacters || CountLetters(word) == 0) return;
  words->emplace_back(word);
}

void AddWordsOf(std::string_view text, std::vector<std::string>* words) {
  AddWord(text, words);
  while (!text.empty()) {
    const auto* const begin = std::find_if(text.begin(), text.end(), IsWordByte);
    const auto* const end = std::find_if_not(begin, text.end(), IsWordByte);
    AddWord({begin, end}, words);
    text = {end, text.end()};
  }
}

// Longest first, so that "acme inc" goes before "acme".
std::vector<std::string> WordsOf(const PlaceTexts& texts) {
  std::vector<std::string> words{std::string(kProduct)};
  for (const std::string& text : texts) AddWordsOf(FoldPassword(NormalizePassword(text)), &words);
  std::sort(words.begin(), words.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return words;
}

// Each becomes a sign, so that what stood around it makes no new word.
bool Strike(std::string_view word, std::string* text) {
  bool is_there = false;
  for (std::size_t at = text->find(word); at != std::string::npos; at = text->find(word, at)) {
    (*text)[at] = '-';
    text->erase(at + 1, word.size() - 1);
    is_there = true;
  }
  return is_there;
}

}  // namespace

PlaceTexts PlaceTextsOf(const Place& place) {
  PlaceTexts texts{std::string(place.organization_slug), std::string(place.organization_name),
                   std::string(place.email), std::string(base::SplitUrl(place.public_url).host)};
  constexpr std::size_t kMostNames = 2 * domain::kMaxServiceNames;
  const auto names = place.service_names.first(std::min(place.service_names.size(), kMostNames));
  texts.insert(texts.end(), names.begin(), names.end());
  return texts;
}

std::string_view WithoutDecoration(std::string_view folded) {
  const auto* const begin = std::find_if(folded.begin(), folded.end(), IsLetter);
  if (begin == folded.end()) return folded;
  const auto last = std::find_if(folded.rbegin(), folded.rend(), IsLetter);
  return {begin, last.base()};
}

bool IsMadeOfPlaceWords(std::string_view folded, const PlaceTexts& texts) {
  std::string rest(folded);
  bool has_word = false;
  for (const std::string& word : WordsOf(texts)) has_word |= Strike(word, &rest);
  return has_word && CountLetters(rest) <= kMostLettersLeft;
}

}  // namespace accounts
