// The kinds of id, and the hash secrets are kept as. Plain values.
#pragma once

#include <array>
#include <cstdint>

#include "base/id.h"

namespace records {

// Names one write for ever: nginx's $request_id plus a counter in the last byte where a request writes
// twice, so that a request sent again is the same record (docs/wire-protocol.md).
using RecordId = base::Id<struct RecordTag>;

using OrganizationId = base::Id<struct OrganizationTag>;
using ServiceId = base::Id<struct ServiceTag>;
using ClientRowId = base::Id<struct ClientTag>;  // the row; client_id is the RFC's text
using PlanId = base::Id<struct PlanTag>;
using UserId = base::Id<struct UserTag>;
using SubscriptionId = base::Id<struct SubscriptionTag>;
using DeviceCodeId = base::Id<struct DeviceCodeTag>;
using SessionId = base::Id<struct SessionTag>;            // what one grant issued: the token family
using AccessTokenId = base::Id<struct AccessTokenTag>;    // the jti
using RefreshTokenId = base::Id<struct RefreshTokenTag>;
using SignInId = base::Id<struct SignInTag>;              // a browser's signed-in session
using PasswordLinkId = base::Id<struct PasswordLinkTag>;
using SigningKeyId = base::Id<struct SigningKeyTag>;

// The built-in organization `platform`, whose members administer all others. A fixed id, so that no
// process has to look it up.
inline constexpr OrganizationId kPlatformOrganizationId{
    {0x01, 0x00, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x01}};

using Sha256 = std::array<std::uint8_t, 32>;

}  // namespace records
