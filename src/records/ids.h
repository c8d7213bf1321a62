// The kinds of id, and the hash secrets are kept as. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "base/id.h"

namespace records {

struct RecordTag;
struct OrganizationTag;
struct ServiceTag;
struct ClientTag;
struct PlanTag;
struct UserTag;
struct SubscriptionTag;
struct DeviceCodeTag;
struct GrantTag;
struct AccessTokenTag;
struct RefreshTokenTag;
struct SessionTag;
struct PasswordLinkTag;
struct SigningKeyTag;

// Names one write for ever: nginx's $request_id, so that a request sent again is the same record
// (docs/wire-protocol.md).
using RecordId = base::Id<RecordTag>;

using OrganizationId = base::Id<OrganizationTag>;
using ServiceId = base::Id<ServiceTag>;
using ClientRowId = base::Id<ClientTag>;  // the row; client_id is the RFC's text
using PlanId = base::Id<PlanTag>;
using UserId = base::Id<UserTag>;
using SubscriptionId = base::Id<SubscriptionTag>;
using DeviceCodeId = base::Id<DeviceCodeTag>;
using GrantId = base::Id<GrantTag>;              // what one grant issued: the token family
using AccessTokenId = base::Id<AccessTokenTag>;  // the jti
using RefreshTokenId = base::Id<RefreshTokenTag>;
using SessionId = base::Id<SessionTag>;  // a browser's signed-in session
using PasswordLinkId = base::Id<PasswordLinkTag>;
using SigningKeyId = base::Id<SigningKeyTag>;

// The built-in organization `platform`, whose members administer all others. A fixed id, so that no
// process has to look it up.
inline constexpr OrganizationId kPlatformOrganizationId{
    {0x01, 0x00, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x01}};

using Sha256 = std::array<std::uint8_t, 32>;

// A string that is not text: it travels and is stored as it is.
struct Bytes : std::string {
  using std::string::string;
  Bytes(std::string bytes)
      : std::string(std::move(bytes)) {}  // NOLINT(google-explicit-constructor)
};

}  // namespace records
