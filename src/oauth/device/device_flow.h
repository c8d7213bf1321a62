// The device's side of the OAuth 2.0 Device Authorization Grant (RFC 8628).
// The person's side is activation.h.
#pragma once

#include <string>
#include <string_view>

#include "domain/error.h"
#include "domain/ports.h"
#include "domain/step.h"
#include "oauth/clients/client_authentication.h"
#include "oauth/tokens.h"

namespace oauth {

// ---- device authorization request, RFC 8628 §3.1 and §3.2 ----

struct DeviceAuthorizationRequest {
  records::RecordId request_id;
  ClientCredentials credentials;
  // The origin's API names the triple; the standard one leaves both empty. Given, they must match.
  std::string org;
  std::string service;
  std::string scope;
  std::string resource;
  std::string address;
  std::string device_name;
  // A page of another site had a browser at that address ask. It gets a part of the network's budget at
  // most, or any page could keep its visitors' network from getting codes.
  bool is_by_page = false;
};

struct DeviceAuthorization {
  std::string device_code;
  std::string user_code;
  std::string verification_uri;
  std::string verification_uri_complete;
  base::seconds expires_in{0};
  base::seconds interval{0};
};

domain::Step<domain::Answer<DeviceAuthorization>> AuthorizeDevice(
    const DeviceAuthorizationRequest& request, const domain::Ports& ports);

// ---- device access token request, RFC 8628 §3.4 and §3.5 ----

struct DeviceTokenRequest {
  records::RecordId request_id;
  ClientCredentials credentials;
  std::string device_code;
  std::string resource;
  std::string address;
  base::Time received_at;
};

// A pending poll writes nothing. An approved code is redeemed once; of many at the same time one
// wins, the others get invalid_grant. A replay that nginx received over a second after the
// redemption ends what it issued (RFC 6749 §4.1.2, §10.5 applied to device codes).
domain::Step<domain::Answer<TokenResponse>> RedeemDevice(const DeviceTokenRequest& request,
                                                         const domain::Ports& ports);

}  // namespace oauth
