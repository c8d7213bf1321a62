// JSON bodies, one function a shape; only JSON is made here, no headers. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oauth/bearer.h"
#include "oauth/device/activation.h"
#include "oauth/device/device_flow.h"

namespace worker {

std::string ToJson(const oauth::DeviceAuthorization& answer);
std::string ToJson(const oauth::TokenResponse& answer);
std::string ToJson(const oauth::UserAnswer& answer);
std::string ToJson(const oauth::SubscriptionAnswer& answer);

// {"org_slug":…,"service_slug":…,"available_providers":[…],"scope":…,"resource":…,"access_lifetime":…}
// The last three are what a page of approval must say beside them (RFC 8628 §5.4), the lifetime in
// seconds; without scope and resource the answer is the origin's.
std::string DeviceVerifyJson(const oauth::LiveUserCode& code,
                             const std::vector<std::string>& available_providers);

// The metadata document of an issuer (RFC 8414 §2; OpenID Connect Discovery 1.0 §3).
std::string MetadataJson(std::string_view issuer);

}  // namespace worker
