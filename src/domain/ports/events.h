// What is counted.
#pragma once

#include <cstdint>

namespace domain {

// What happened, for whoever watches. (Never who or which: it is counted, not logged.)
enum class Event : std::uint8_t {
  kWrongUserCode,
  kUserCodesLimited,  // not even tried: too many wrong ones
  kWrongPassword,
  kPasswordsLimited,  // by address
  kAccountLimited,    // by account
  kDeviceCodesLimited,
  kUnknownDeviceCodesLimited,
  kPollTooFast,
  kRefreshesLimited,
  kAssertionsLimited,
  kSignInsLimited,
  kDecisionsLimited,
  kCount
};
class Events {
 public:
  virtual ~Events() = default;
  virtual void Note(Event event) = 0;
};

}  // namespace domain
