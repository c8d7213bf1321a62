// The grants that the token endpoint takes: the same in its answers and in the metadata.
#pragma once

#include <array>
#include <string_view>

#include "http/params.h"
#include "http/request.h"
#include "oauth/clients/client_authentication.h"
#include "worker/app.h"
#include "worker/outcome.h"

namespace worker {

// A grant has its parameters, a client and the request; each makes the step of its flow (device.cc).
using Grant = Outcome (*)(const http::Params&, const oauth::ClientCredentials&,
                          const http::Request&, const App&);
Outcome DeviceGrant(const http::Params& params, const oauth::ClientCredentials& credentials,
                    const http::Request& request, const App& app);
Outcome RefreshGrant(const http::Params& params, const oauth::ClientCredentials& credentials,
                     const http::Request& request, const App& app);

struct GrantType {
  std::string_view name;   // grant_type of a request
  std::string_view shown;  // what people call it
  Grant grant;
};
inline constexpr std::array kGrantTypes{
    GrantType{"urn:ietf:params:oauth:grant-type:device_code", "device_code", &DeviceGrant},
    GrantType{"refresh_token", "refresh_token", &RefreshGrant},
};

}  // namespace worker
