// What the domain reads of the store beside the directory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "records/rows.h"

namespace domain {

// Services whose names a password may not be made of: nobody's is made of more of them.
inline constexpr std::int64_t kMaxServiceNames = 100;

// Rows that change with use, one SELECT each, always the newest committed state.
// Errors: kNotFound; kUnavailable (the database is not there or busy); kCorrupt.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual base::Result<records::DeviceCodeRow> FindDeviceCode(records::OrganizationId org,
                                                              records::DeviceCodeId id) = 0;
  // Through the directory of live codes: decided and swept codes are kNotFound.
  virtual base::Result<records::DeviceCodeRow> FindLiveUserCode(std::string_view user_code) = 0;
  virtual base::Result<records::AccessTokenRow> FindAccessToken(records::AccessTokenId id) = 0;
  virtual base::Result<records::AccessTokenWithSubscription> FindAccessTokenWithSubscription(
      records::AccessTokenId id) = 0;
  virtual base::Result<std::optional<records::SubscriptionRow>> FindSubscription(
      records::OrganizationId org, records::UserId user, records::ServiceId service) = 0;
  virtual base::Result<records::RefreshTokenRow> FindRefreshToken(records::RefreshTokenId id) = 0;
  virtual base::Result<records::UserRow> FindUser(records::OrganizationId org,
                                                  records::UserId id) = 0;
  virtual base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                         std::string_view email) = 0;
  virtual base::Result<records::SessionRow> FindSession(records::OrganizationId org,
                                                        records::SessionId id) = 0;
  virtual base::Result<records::PasswordLinkRow> FindPasswordLink(records::PasswordLinkId id) = 0;
  // Slug and name of each of the organization's services, by slug (kMaxServiceNames services).
  virtual base::Result<std::vector<std::string>> FindServiceNames(records::OrganizationId org) = 0;
  // True for a member of `platform` with role owner (the is_platform_owner claim).
  virtual base::Result<bool> IsPlatformOwner(records::UserId user) = 0;
};

}  // namespace domain
