#include "json/rapidjson.h"
// After it.
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cstdint>

#include "base/number.h"
#include "base/utf8.h"
#include "json/value.h"

namespace json {

namespace {

// Whole numbers of 64 bits are converted, all others stay as they were written.
Value ReadNumber(std::string_view text) {
  if (const auto whole = base::ParseNumber<std::int64_t>(text)) return *whole;
  return Number{std::string(text)};
}

// Builds the value from RapidJSON's events; a handler that returns false ends the parse.
// Open containers lie on a stack, so that depth costs no C++ stack.
class Builder {
 public:
  bool Null() { return Add(Value()); }
  bool Bool(bool value) { return Add(Value(value)); }
  // kParseNumbersAsStringsFlag: numbers come as text alone.
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return Add(ReadNumber({text, size}));
  }
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  // RapidJSON lets a lone low surrogate (\udc00) pass: its three bytes are no UTF-8 (RFC 3629 §3).
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return base::IsUtf8({text, size}) && Add(Value(std::string(text, size)));
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    open_.back().key.assign(text, size);
    return base::IsUtf8({text, size});
  }
  bool StartObject() { return Open(Kind::kObject); }
  bool StartArray() { return Open(Kind::kArray); }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool EndArray(rapidjson::SizeType) { return Close(); }

  Value Take() { return std::move(root_); }

 private:
  enum class Kind : std::uint8_t { kArray, kObject };
  struct Container {
    Kind kind;
    std::string key;  // of the member that comes next
    Array items;
    Object members;
  };

  bool Open(Kind kind) {
    if (open_.size() >= kMaxDepth) return false;
    open_.push_back({.kind = kind, .key = {}, .items = {}, .members = {}});
    return true;
  }
  bool Close() {
    Container done = std::move(open_.back());
    open_.pop_back();
    return Add(done.kind == Kind::kArray ? Value(std::move(done.items))
                                         : Value(std::move(done.members)));
  }
  bool Add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().kind == Kind::kArray) {
      open_.back().items.push_back(std::move(value));
    } else {
      open_.back().members.push_back({std::move(open_.back().key), std::move(value)});
    }
    return true;
  }

  std::vector<Container> open_;
  Value root_;
};

bool ParseInto(Builder& builder, std::string_view text) try {
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                              rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseNumbersAsStringsFlag;
  // Taken here: RapidJSON's EncodedInputStream skips any one of these three bytes, as if it were a whole mark.
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  if (!reader.Parse<kFlags>(stream, builder)) return false;
  // A NUL in the text looks like its end.
  return stream.Tell() == text.size();
} catch (const RapidJsonAssertion&) {
  return false;
}

}  // namespace

base::Result<Value> Parse(std::string_view text) {
  Builder builder;
  if (!ParseInto(builder, text)) {
    return base::Status(base::Code::kCorrupt, "no JSON that this program reads");
  }
  return builder.Take();
}

}  // namespace json
