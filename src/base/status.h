// The one error type. System, SQLite and OpenSSL errors become a Status at the edge where they
// occur. Value types; thread-compatible. Nothing here throws (allocation apart).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace base {

// Stable numbers: they travel on the wire (docs/wire-protocol.md). Append, never renumber.
enum class Code : std::uint8_t {
  kOk = 0,
  kInvalid = 1,      // the input is wrong; the same input stays wrong
  kNotFound = 2,     // no such row (in this organization)
  kExists = 3,       // a unique key is taken; nothing was written
  kConflict = 4,     // the row is not in the state the change needs (already used, already decided)
  kDenied = 5,       // the caller may not do this
  kExpired = 6,      // it once was good
  kUnavailable = 7,  // not now: outcome unknown or resource missing; trying again is right
  kFull = 8,         // disk or queue full: nothing was written
  kCorrupt = 9,      // stored or received bytes make no sense
  kInternal = 10,    // a bug or an unexpected library error
};

// The enumerator's name without the k, for logs ("NotFound").
std::string_view CodeName(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

  // "NotFound: no organization with slug acme"
  std::string ToString() const;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

// Status from errno: "open /x: Permission denied". ENOSPC and EDQUOT become kFull, ENOENT
// kNotFound, EACCES and EPERM kDenied, EEXIST and EADDRINUSE kExists, all else kUnavailable.
Status ErrnoStatus(std::string_view what, int error_number);

// A value or the error (a Status, where the domain has none of its own) that says why there is
// none. Access to the wrong one is undefined.
template <class T, class E = Status>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}  // NOLINT: implicit by design
  Result(E error) : state_(std::move(error)) {}  // NOLINT: implicit by design
  bool ok() const { return std::holds_alternative<T>(state_); }
  T& operator*() { return *std::get_if<T>(&state_); }
  const T& operator*() const { return *std::get_if<T>(&state_); }
  T* operator->() { return std::get_if<T>(&state_); }
  const T* operator->() const { return std::get_if<T>(&state_); }
  const E& error() const { return *std::get_if<E>(&state_); }
  E status() const { return ok() ? E() : error(); }

 private:
  std::variant<T, E> state_;
};

}  // namespace base
