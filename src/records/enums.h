// Closed sets of the stored state. Numbers are stored and sent: append, never renumber.
// `kCount` closes each set, for the range check of the codec and of the store.
#pragma once

#include <cstdint>
#include <string_view>

namespace records {

enum class OrganizationStatus : std::uint8_t { kActive, kSuspended, kCount };
enum class ClientType : std::uint8_t { kPublic, kConfidential, kCount };
enum class UserStatus : std::uint8_t { kActive, kDisabled, kCount };
enum class Role : std::uint8_t { kOwner, kMember, kCount };
enum class SubscriptionStatus : std::uint8_t { kActive, kPastDue, kCanceled, kCount };
enum class DeviceCodeState : std::uint8_t { kPending, kApproved, kDenied, kRedeemed, kCount };
enum class SigningAlgorithm : std::uint8_t { kEs256, kRs256, kCount };
// kNext is published and not yet used; kCurrent signs; kRetired is published until its last token
// dies.
enum class SigningKeyState : std::uint8_t { kNext, kCurrent, kRetired, kCount };

// Why a sign-in failed; the person is told the same for all.
enum class FailedSignIn : std::uint8_t { kWrongPassword, kNoSuchUser, kUserDisabled, kCount };

// The words of the API and of the tables for people ("active", "past_due", "ES256").
std::string_view ToText(OrganizationStatus value);
std::string_view ToText(ClientType value);
std::string_view ToText(UserStatus value);
std::string_view ToText(Role value);
std::string_view ToText(SubscriptionStatus value);
std::string_view ToText(DeviceCodeState value);
std::string_view ToText(SigningAlgorithm value);
std::string_view ToText(SigningKeyState value);

}  // namespace records
