// Little-endian integers and byte strings, appended to and taken from a buffer: the letters of the
// wire's alphabet (docs/wire-protocol.md). Not thread-safe. Owns nothing.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wire {

class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  template <std::unsigned_integral Number>
  void Put(Number value) {
    std::array<char, sizeof(Number)> bytes;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
      bytes[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
    }
    out_->append(bytes.data(), bytes.size());
  }
  void PutBytes(std::span<const std::uint8_t> bytes) {
    out_->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void PutText(std::string_view text) { out_->append(text); }

 private:
  std::string* out_;
};

// Reads front to back. A read past the end, or Fail(), makes the reader fail for good: every later
// read gives zeros, so that a decoder checks once, at its end.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  template <std::unsigned_integral Number>
  Number Get() {
    std::uint64_t value = 0;
    const auto bytes = Take(sizeof(Number));
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
    return static_cast<Number>(value);
  }
  void GetBytes(std::span<std::uint8_t> out) {
    const auto bytes = Take(out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
  }
  // The next `size` bytes, or none at all where fewer are left.
  std::span<const std::uint8_t> Take(std::size_t size) {
    if (size > rest_.size()) {
      Fail();
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  void Fail() {
    failed_ = true;
    rest_ = {};
  }

  bool failed() const { return failed_; }
  std::size_t left() const { return rest_.size(); }
  // Everything was read, and nothing went wrong.
  bool ReachedEnd() const { return !failed_ && rest_.empty(); }

 private:
  std::span<const std::uint8_t> rest_;
  bool failed_ = false;
};

}  // namespace wire
