// Whether a text is JSON, by RFC 8259 alone: the second opinion on whatever parser is fuzzed. It decides nothing that the
// standard leaves open. Pure; depth costs no C++ stack.
#pragma once

#include <cctype>
#include <string_view>
#include <vector>

namespace fuzz {

class JsonText {
 public:
  static bool IsValid(std::string_view text) { return JsonText(text).Run(); }
  static bool IsObject(std::string_view text) {
    JsonText json(text);
    json.Blanks();
    return json.rest_.starts_with('{') && IsValid(text);
  }

 private:
  // A byte order mark may be ignored (RFC 8259 §8.1).
  explicit JsonText(std::string_view text) : rest_(text) { Word("\xef\xbb\xbf"); }

  void Blanks() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_[0]) != rest_.npos) Next();
  }
  void Next() { rest_.remove_prefix(1); }
  bool Skip(char c) {
    if (!rest_.starts_with(c)) return false;
    Next();
    return true;
  }
  bool Word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool Digits() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') Next();
    return rest_.size() < before;
  }
  bool Number() {
    Skip('-');
    if (!Skip('0') && !Digits()) return false;
    if (Skip('.') && !Digits()) return false;
    if (!Skip('e') && !Skip('E')) return true;
    if (!Skip('+')) Skip('-');
    return Digits();
  }
  bool Escape() {
    constexpr std::string_view kPlain = "\"\\/bfnrt";
    if (rest_.empty()) return false;
    const char c = rest_[0];
    Next();
    if (kPlain.find(c) != kPlain.npos) return true;
    if (c != 'u' || rest_.size() < 4) return false;
    for (int i = 0; i < 4; ++i, Next()) {
      if (std::isxdigit(static_cast<unsigned char>(rest_[0])) == 0) return false;
    }
    return true;
  }
  bool String() {
    if (!Skip('"')) return false;
    while (!rest_.empty()) {
      const char c = rest_[0];
      Next();
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < ' ') return false;
      if (c == '\\' && !Escape()) return false;
    }
    return false;
  }
  bool Scalar() {
    return rest_.starts_with('"') ? String()
                                  : Word("true") || Word("false") || Word("null") || Number();
  }
  bool Name() {
    Blanks();
    if (!String()) return false;
    Blanks();
    return Skip(':');
  }
  // Behind a value: what closes, and whether another one follows.
  enum class After { kAnother, kEnd, kWrong };
  After Close() {
    for (Blanks(); !open_.empty(); Blanks()) {
      if (Skip(',')) return open_.back() == ']' || Name() ? After::kAnother : After::kWrong;
      if (!Skip(open_.back())) return After::kWrong;
      open_.pop_back();
    }
    return rest_.empty() ? After::kEnd : After::kWrong;
  }
  // true: a container was opened that is not empty, or a scalar was read.
  bool Value(bool* is_open) {
    *is_open = false;
    if (!rest_.starts_with('[') && !rest_.starts_with('{')) return Scalar();
    const bool is_array = rest_[0] == '[';
    Next();
    Blanks();
    if (Skip(is_array ? ']' : '}')) return true;
    open_.push_back(is_array ? ']' : '}');
    *is_open = true;
    return is_array || Name();
  }
  bool Run() {
    while (true) {
      Blanks();
      bool is_open = false;
      if (!Value(&is_open)) return false;
      if (is_open) continue;
      const After after = Close();
      if (after != After::kAnother) return after == After::kEnd;
    }
  }

  std::string_view rest_;
  std::vector<char> open_;  // what closes each
};

}  // namespace fuzz
