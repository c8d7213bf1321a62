#include "records/enums.h"

#include <array>
#include <cstddef>

namespace records {

namespace {

template <class Enum, std::size_t kSize>
std::string_view Word(const std::array<std::string_view, kSize>& words, Enum value) {
  static_assert(kSize == static_cast<std::size_t>(Enum::kCount), "one word for each value");
  const auto index = static_cast<std::size_t>(value);
  return index < kSize ? words[index] : "unknown";
}

using std::array;
using std::string_view;

constexpr array<string_view, 2> kOrganizationStatus{"active", "suspended"};
constexpr array<string_view, 2> kClientType{"public", "confidential"};
constexpr array<string_view, 2> kUserStatus{"active", "disabled"};
constexpr array<string_view, 2> kRole{"owner", "member"};
constexpr array<string_view, 3> kSubscriptionStatus{"active", "past_due", "canceled"};
constexpr array<string_view, 4> kDeviceCodeState{"pending", "approved", "denied", "redeemed"};
constexpr array<string_view, 2> kSigningAlgorithm{"ES256", "RS256"};
constexpr array<string_view, 3> kSigningKeyState{"next", "current", "retired"};

}  // namespace

string_view ToText(OrganizationStatus value) { return Word(kOrganizationStatus, value); }
string_view ToText(ClientType value) { return Word(kClientType, value); }
string_view ToText(UserStatus value) { return Word(kUserStatus, value); }
string_view ToText(Role value) { return Word(kRole, value); }
string_view ToText(SubscriptionStatus value) { return Word(kSubscriptionStatus, value); }
string_view ToText(DeviceCodeState value) { return Word(kDeviceCodeState, value); }
string_view ToText(SigningAlgorithm value) { return Word(kSigningAlgorithm, value); }
string_view ToText(SigningKeyState value) { return Word(kSigningKeyState, value); }

}  // namespace records
