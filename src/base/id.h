// A 128-bit identifier, typed so that an organization's id cannot stand where a user's belongs.
// UUIDv7 (RFC 9562 §5.7): the first 48 bits are Unix milliseconds, so ids sort by the time they
// were made.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

namespace base {

using IdBytes = std::array<std::uint8_t, 16>;

template <class Tag>
struct Id {
  IdBytes bytes{};

  bool is_nil() const { return bytes == IdBytes{}; }
  friend auto operator<=>(const Id&, const Id&) = default;
};

// Hash for containers: the last eight bytes are random in a UUIDv7.
struct IdHash {
  template <class Tag>
  std::size_t operator()(const Id<Tag>& id) const {
    std::uint64_t low = 0;
    std::memcpy(&low, id.bytes.data() + 8, sizeof low);
    return static_cast<std::size_t>(low);
  }
};

}  // namespace base
