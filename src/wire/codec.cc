#include "wire/codec.h"

#include <array>
#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/text.h"
#include "base/utf8.h"
#include "records/fields.h"
#include "wire/byte_io.h"

// A record is its type and its fields, in the order of kFields, without names, padding or checksums
// (both ends run on one machine). All integers are little-endian.
//
//   record   := type:u16 field*          type: the index in records::Write
//   field    := id | hash | text | bool | enum | integer | time | duration | optional | struct
//   id       := 16 bytes
//   hash     := 32 bytes                 SHA-256
//   text     := length:u16 byte{length}  UTF-8 without NUL, but for records::Bytes
//   bool     := u8                       0 or 1
//   enum     := u8                       less than the enum's kCount
//   integer  := i64
//   time     := i64                      Unix milliseconds
//   duration := i64                      milliseconds
//   optional := u8 field{0,1}            0: absent, 1: the value follows
//   struct   := field*
//
// A value out of its range, a length past the end and bytes after the last field make a record
// corrupt.

namespace wire {

bool IsText(std::string_view text) {
  return base::IsPrintableAscii(text) ||
         (text.find('\0') == std::string_view::npos && base::IsUtf8(text));
}

namespace {

template <class T>
concept Composite = requires {
  T::kFields;
};

template <class T>
concept Enum = std::is_enum_v<T>;

class Encoder {
 public:
  explicit Encoder(std::string* out) : out_(out) {}

  template <Composite T>
  void Put(const T& value) {
    records::ForEachField(T::kFields, [&](auto member) { Put(value.*member); });
  }
  template <class T>
  void Put(const std::optional<T>& value) {
    Put(value.has_value());
    if (value) Put(*value);
  }
  template <class Tag>
  void Put(const base::Id<Tag>& id) {
    out_.PutBytes(id.bytes);
  }
  template <Enum T>
  void Put(T value) {
    static_assert(static_cast<std::uint64_t>(T::kCount) <=
                  std::numeric_limits<std::uint8_t>::max());
    out_.Put(static_cast<std::uint8_t>(value));
  }
  void Put(const records::Sha256& hash) { out_.PutBytes(hash); }
  void Put(std::same_as<bool> auto value) { out_.Put(static_cast<std::uint8_t>(value ? 1 : 0)); }
  void Put(std::same_as<std::int64_t> auto value) { out_.Put(static_cast<std::uint64_t>(value)); }
  void Put(base::Time time) { Put(base::ToUnixMillis(time)); }
  void Put(base::milliseconds duration) { Put(std::int64_t{duration.count()}); }
  void Put(const records::Bytes& bytes) { PutBytes(bytes); }
  void Put(const std::string& text) {
    if (!IsText(text)) is_text_ = false;
    PutBytes(text);
  }

  bool failed() const { return failed_; }
  bool is_text() const { return is_text_; }

 private:
  void PutBytes(const std::string& bytes) {
    if (bytes.size() > std::numeric_limits<std::uint16_t>::max()) {
      failed_ = true;
      return;
    }
    out_.Put(static_cast<std::uint16_t>(bytes.size()));
    out_.PutText(bytes);
  }

  ByteWriter out_;
  bool failed_ = false;
  bool is_text_ = true;
};

class Decoder {
 public:
  explicit Decoder(ByteReader* in) : in_(in) {}

  template <Composite T>
  void Get(T* value) {
    records::ForEachField(T::kFields, [&](auto member) { Get(&(value->*member)); });
  }
  template <class T>
  void Get(std::optional<T>* value) {
    bool present = false;
    Get(&present);
    if (present) Get(&value->emplace());
  }
  template <class Tag>
  void Get(base::Id<Tag>* id) {
    in_->GetBytes(id->bytes);
  }
  template <Enum T>
  void Get(T* value) {
    *value = static_cast<T>(GetBelow(static_cast<std::uint8_t>(T::kCount)));
  }
  void Get(records::Sha256* hash) { in_->GetBytes(*hash); }
  void Get(bool* value) { *value = GetBelow(2) == 1; }
  void Get(std::int64_t* value) { *value = static_cast<std::int64_t>(in_->Get<std::uint64_t>()); }
  void Get(base::Time* time) {
    std::int64_t millis = 0;
    Get(&millis);
    *time = base::FromUnixMillis(millis);
  }
  void Get(base::milliseconds* duration) {
    std::int64_t millis = 0;
    Get(&millis);
    *duration = base::milliseconds(millis);
  }
  void Get(records::Bytes* bytes) { GetBytes(bytes); }
  void Get(std::string* text) {
    GetBytes(text);
    if (!IsText(*text)) is_text_ = false;
  }

  bool is_text() const { return is_text_; }

 private:
  void GetBytes(std::string* bytes) {
    const auto taken = in_->Take(in_->Get<std::uint16_t>());
    bytes->assign(reinterpret_cast<const char*>(taken.data()), taken.size());
  }
  std::uint8_t GetBelow(std::uint8_t limit) {
    const auto value = in_->Get<std::uint8_t>();
    if (value < limit) return value;
    in_->Fail();
    return 0;
  }

  ByteReader* in_;
  bool is_text_ = true;
};

// False: one of its texts is none.
template <std::size_t kType>
bool DecodeAs(ByteReader* in, records::Write* out) {
  Decoder decoder(in);
  decoder.Get(&out->emplace<kType>());
  return decoder.is_text();
}

using DecodeFunction = bool (*)(ByteReader*, records::Write*);

// One function a type: a new record is decoded without a change here.
template <std::size_t... kTypes>
constexpr auto MakeDecoders(std::index_sequence<kTypes...>) {
  return std::array<DecodeFunction, sizeof...(kTypes)>{&DecodeAs<kTypes>...};
}
constexpr auto kDecoders =
    MakeDecoders(std::make_index_sequence<std::variant_size_v<records::Write>>());

base::Status NoText(const records::Write& write) {
  return {base::Code::kInvalid, std::string(records::NameOf(write)) +
                                    " has a text that is not UTF-8 or holds a NUL byte"};
}

}  // namespace

base::Status AppendRecord(const records::Write& write, std::string* out) {
  const std::size_t start = out->size();
  ByteWriter(out).Put(static_cast<std::uint16_t>(write.index()));
  Encoder encoder(out);
  std::visit([&](const auto& record) { encoder.Put(record); }, write);
  const std::size_t size = out->size() - start;
  const bool fits = !encoder.failed() && size <= kMaxRecordBytes;
  if (fits && encoder.is_text()) return {};
  out->resize(start);
  if (fits) return NoText(write);
  return {base::Code::kInvalid, std::string(records::NameOf(write)) + " is longer than " +
                                    std::to_string(kMaxRecordBytes) + " bytes"};
}

base::Result<records::Write> DecodeRecord(std::span<const std::uint8_t> bytes) {
  ByteReader in(bytes);
  const auto type = in.Get<std::uint16_t>();
  if (in.failed() || type >= kDecoders.size()) {
    return base::Status(base::Code::kCorrupt, "record of unknown type " + std::to_string(type));
  }
  // Decoded in place: a Write is large, and the writer decodes many.
  base::Result<records::Write> result{records::Write()};
  const bool is_text = kDecoders[type](&in, &*result);
  if (in.ReachedEnd() && is_text) return result;
  if (in.ReachedEnd()) return NoText(*result);
  return base::Status(base::Code::kCorrupt,
                      std::string(records::NameOf(*result)) + " of wrong length or value");
}

std::size_t RecordTypeOf(std::span<const std::uint8_t> bytes) {
  return ByteReader(bytes).Get<std::uint16_t>();
}

}  // namespace wire
