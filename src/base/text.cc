#include "base/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/eight_bytes.h"

namespace base {

namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsPrintable(char c) { return c >= ' ' && c < 0x7f; }

bool IsPrintableWord(std::uint64_t word) {
  using eight_bytes::Each;
  // Below a blank, DEL or not ASCII: where none is, no lane lends to another or overflows into it.
  return (((word - Each(' ')) | (word + Each(1)) | word) & eight_bytes::kHighBits) == 0;
}

}  // namespace

std::string AsciiLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = Lower(c);
  return lower;
}

bool IsInLower(std::string_view text, std::string_view lower) {
  if (text == lower) return true;  // nearly always
  return std::ranges::equal(text, lower, {}, Lower);
}

bool IsPrintableAscii(std::string_view text) {
  constexpr std::size_t kStep = eight_bytes::kCount;
  if (text.size() < kStep) return std::ranges::all_of(text, IsPrintable);
  for (std::size_t i = 0; i + kStep <= text.size(); i += kStep) {
    if (!IsPrintableWord(eight_bytes::Load(text.data() + i))) return false;
  }
  // The last eight once more, with what is behind the last whole step.
  return IsPrintableWord(eight_bytes::Load(text.data() + text.size() - kStep));
}

std::string ShownUserAgent(std::string_view user_agent) {
  constexpr std::size_t kMaxBytes = 200;
  std::string shown;
  for (const char c : user_agent.substr(0, kMaxBytes)) {
    if (IsPrintable(c)) shown.push_back(c);
  }
  return shown;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (const auto part = text.substr(0, end); !part.empty()) parts.push_back(part);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return parts;
}

}  // namespace base
