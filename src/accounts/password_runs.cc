#include "accounts/password_runs.h"

#include <algorithm>
#include <array>

namespace accounts {

namespace {

constexpr std::size_t kLeastRun = 3;
constexpr std::size_t kYearDigits = 4;

// Each is read in both directions. Rows and columns of keyboards, with the shift key or without.
constexpr std::array<std::string_view, 22> kOrders{"abcdefghijklmnopqrstuvwxyz",
                                                   "01234567890",
                                                   "qwertyuiop",
                                                   "asdfghjkl",
                                                   "zxcvbnm",
                                                   "qwertzuiop",
                                                   "yxcvbnm",
                                                   "azertyuiop",
                                                   "qsdfghjklm",
                                                   "!@#$%^&*()",
                                                   "!\"$%&/()=?",
                                                   "1qaz",
                                                   "2wsx",
                                                   "3edc",
                                                   "4rfv",
                                                   "5tgb",
                                                   "6yhn",
                                                   "7ujm",
                                                   "!qaz",
                                                   "@wsx",
                                                   "#edc",
                                                   "$rfv"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::size_t CommonStart(std::string_view text, std::string_view other) {
  const auto [end, unused] = std::ranges::mismatch(text, other);
  return static_cast<std::size_t>(end - text.begin());
}

// How far the text goes on as one order does, from where its first character stands there.
std::size_t LengthIn(std::string_view order, std::string_view text) {
  std::size_t longest = 0;
  for (std::size_t at = order.find(text.front()); at != order.npos;
       at = order.find(text.front(), at + 1)) {
    longest = std::max(longest, CommonStart(text, order.substr(at)));
    std::size_t down = 0;
    while (down < text.size() && down <= at && text[down] == order[at - down]) ++down;
    longest = std::max(longest, down);
  }
  return longest;
}

bool IsYear(std::string_view text) {
  return text.size() >= kYearDigits && (text.starts_with("19") || text.starts_with("20")) &&
         IsDigit(text[2]) && IsDigit(text[3]);
}

// In the middle of a longer number it is none.
bool IsYearAt(std::string_view text, std::size_t at) {
  if (!IsYear(text.substr(at))) return false;
  const std::size_t end = at + kYearDigits;
  return at == 0 || !IsDigit(text[at - 1]) || end == text.size() || !IsDigit(text[end]);
}

// Bytes that count as one.
std::size_t LengthAt(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  std::size_t longest = std::min(rest.find_first_not_of(rest.front()), rest.size());
  for (const std::string_view order : kOrders) longest = std::max(longest, LengthIn(order, rest));
  if (longest >= kLeastRun) return longest;
  return IsYearAt(text, at) ? kYearDigits : 1;
}

}  // namespace

std::size_t CountWithoutRuns(std::string_view folded) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < folded.size(); at += LengthAt(folded, at)) ++count;
  return count;
}

std::string_view WithoutRunsAround(std::string_view folded) {
  const auto is_part = [&](std::size_t at, std::size_t length) {
    return length == 1 && IsLetter(folded[at]);
  };
  std::size_t begin = folded.size();
  std::size_t end = 0;
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t length = LengthAt(folded, at);
    if (is_part(at, length)) {
      begin = std::min(begin, at);
      end = at + length;
    }
    at += length;
  }
  return begin < end ? folded.substr(begin, end - begin) : std::string_view();
}

}  // namespace accounts
