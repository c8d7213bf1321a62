// Records for tests, made from their own kFields, so that a new record is tested without a change
// here: one fixed sample of each type for the golden files, random ones for the property tests.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "records/fields.h"
#include "records/writes.h"

namespace wire_test {

template <class T>
concept Composite = requires {
  T::kFields;
};
template <class T>
concept Enum = std::is_enum_v<T>;

// A copy that ends where its memory ends: the sanitizers see a read past it.
inline std::vector<std::uint8_t> Tight(std::string_view bytes) {
  return {bytes.begin(), bytes.end()};
}

inline constexpr std::size_t kWriteTypes = std::variant_size_v<records::Write>;

// Fills a record field by field with what `Source` gives:
//   std::uint8_t Byte(); std::int64_t Integer(); std::string Text(); bool Flag(); bool Present();
//   std::uint64_t Below(std::uint64_t limit);
template <class Source>
class Filler {
 public:
  explicit Filler(Source* source) : source_(source) {}

  template <Composite T>
  void Fill(T* value) {
    records::ForEachField(T::kFields, [&](auto member) { Fill(&(value->*member)); });
  }
  template <class T>
  void Fill(std::optional<T>* value) {
    value->reset();
    if (source_->Present()) Fill(&value->emplace());
  }
  template <class Tag>
  void Fill(base::Id<Tag>* id) {
    for (auto& byte : id->bytes) byte = source_->Byte();
  }
  template <Enum T>
  void Fill(T* value) {
    *value = static_cast<T>(source_->Below(static_cast<std::uint64_t>(T::kCount)));
  }
  void Fill(records::Sha256* hash) {
    for (auto& byte : *hash) byte = source_->Byte();
  }
  void Fill(bool* value) { *value = source_->Flag(); }
  void Fill(std::int64_t* value) { *value = source_->Integer(); }
  void Fill(base::Time* time) { *time = base::FromUnixMillis(source_->Integer()); }
  void Fill(base::milliseconds* duration) { *duration = base::milliseconds(source_->Integer()); }
  void Fill(std::string* text) { *text = source_->Text(); }

 private:
  Source* source_;
};

enum class Optionals : bool { kAbsent, kPresent };

// Counts up, so that two fields which change places show.
class CountingSource {
 public:
  explicit CountingSource(Optionals optionals) : optionals_(optionals) {}
  std::uint8_t Byte() { return static_cast<std::uint8_t>(++count_); }
  std::int64_t Integer() { return 1'700'000'000'000 + ++count_; }
  std::string Text() { return "text-" + std::to_string(++count_); }
  bool Flag() { return ++count_ % 2 == 0; }
  bool Present() const { return optionals_ == Optionals::kPresent; }
  std::uint64_t Below(std::uint64_t limit) { return limit - 1; }

 private:
  Optionals optionals_;
  std::int64_t count_ = 0;
};

class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t Below(std::uint64_t limit) { return engine_() % limit; }
  std::uint8_t Byte() { return static_cast<std::uint8_t>(Below(256)); }
  std::int64_t Integer() { return static_cast<std::int64_t>(engine_()); }
  bool Flag() { return Below(2) == 1; }
  bool Present() { return Flag(); }
  std::string Text() {
    // Mostly short, now and then long; any character but NUL.
    constexpr std::array<std::string_view, 4> kLonger{"\xc3\xa9", "\xe2\x80\x93", "\xef\xbf\xbf",
                                                      "\xf4\x8f\xbf\xbf"};
    std::string text;
    for (std::uint64_t left = Below(Below(20) == 0 ? 1000 : 40); left > 0; --left) {
      if (Below(8) == 0) {
        text += kLonger[Below(kLonger.size())];
      } else {
        text.push_back(static_cast<char>(1 + Below(127)));
      }
    }
    return text;
  }

 private:
  std::mt19937_64 engine_;
};

template <class Source, std::size_t... kTypes>
records::Write Make(std::size_t type, Source* source, std::index_sequence<kTypes...>) {
  records::Write write;
  const auto fill = [&]<std::size_t kType>() {
    if (kType == type) Filler<Source>(source).Fill(&write.emplace<kType>());
  };
  (fill.template operator()<kTypes>(), ...);
  return write;
}

template <class Source>
records::Write MakeWrite(std::size_t type, Source* source) {
  return Make(type, source, std::make_index_sequence<kWriteTypes>());
}

inline records::Write SampleWrite(std::size_t type, Optionals optionals) {
  CountingSource source(optionals);
  return MakeWrite(type, &source);
}

// Field by field, so that a codec which drops a field both ways is found out.
class Comparer {
 public:
  template <Composite T>
  bool Equal(const T& a, const T& b) const {
    bool is_equal = true;
    records::ForEachField(T::kFields,
                          [&](auto member) { is_equal = is_equal && Equal(a.*member, b.*member); });
    return is_equal;
  }
  template <class T>
  bool Equal(const std::optional<T>& a, const std::optional<T>& b) const {
    return a.has_value() == b.has_value() && (!a || Equal(*a, *b));
  }
  template <class T>
  bool Equal(const T& a, const T& b) const {
    return a == b;
  }
};

inline bool Equal(const records::Write& a, const records::Write& b) {
  return a.index() == b.index() &&
         std::visit(
             [&]<class T>(const T& record) { return Comparer().Equal(record, std::get<T>(b)); }, a);
}

}  // namespace wire_test
