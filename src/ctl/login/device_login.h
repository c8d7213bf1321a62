// The client's side of the Device Authorization Grant (RFC 8628), as a terminal app does it:
// discover, ask for a code, poll until a person decided. Waiting and HTTP come through interfaces,
// so that tests need neither time nor network. Lives on one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "ctl/login/http_client.h"
#include "ctl/print/json.h"

namespace ctl {

// Blocks for a while.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void Wait(base::seconds duration) = 0;
};
class SystemWaiter final : public Waiter {
 public:
  void Wait(base::seconds duration) override;
};

// Which client asks. client_id alone is the RFC's way; with org and service it is the origin's.
struct LoginClient {
  std::string client_id;
  std::string org;
  std::string service;
  std::string scope;
};

struct Endpoints {  // RFC 8414 §2
  std::string device_authorization_endpoint;
  std::string token_endpoint;
};

struct DeviceAuthorization {  // RFC 8628 §3.2
  std::string device_code;
  std::string user_code;
  std::string verification_uri;
  std::string verification_uri_complete;  // empty: none given
  base::seconds expires_in{0};
  base::seconds interval{5};
};

struct Tokens {  // RFC 6749 §5.1
  std::string access_token;
  std::string refresh_token;  // empty: none
  base::seconds expires_in{0};
  std::string scope;
};

class DeviceLogin {
 public:
  DeviceLogin(HttpClient& http, Waiter& waiter, const base::Clock& clock)
      : http_(http), waiter_(waiter), clock_(clock) {}

  // Reads URL/.well-known/oauth-authorization-server. kUnavailable: nobody answers there;
  // kNotFound: something else than Latchkey does, or it offers no device flow.
  base::Result<Endpoints> Discover(const std::string& url);
  // Errors carry the server's error_description: kInvalid, kNotFound (the client), kUnavailable.
  base::Result<DeviceAuthorization> Start(const Endpoints& endpoints, const LoginClient& client);
  // Polls until tokens are there, at the interval that holds. kDenied: refused; kExpired: nobody
  // decided in time; kConflict: the code is of no use any more; kUnavailable: the server was silent
  // to the end.
  base::Result<Tokens> Poll(const Endpoints& endpoints, const LoginClient& client,
                            const DeviceAuthorization& authorization);
  // GET with the access token; any status but 200 is an error.
  base::Result<Json> GetJson(const std::string& url, const std::string& access_token);

 private:
  HttpClient& http_;
  Waiter& waiter_;
  const base::Clock& clock_;
};

}  // namespace ctl
