// The person's side of the device flow (RFC 8628 §3.3): looking a user code up, deciding on it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "domain/error.h"
#include "domain/ports.h"
#include "domain/step.h"

namespace oauth {

struct UserCodeRequest {
  // How it came. A form was sent from a page of ours, on purpose; a link is followed by whatever made
  // the browser follow it. So wrong codes of links are counted apart: they can keep nobody from typing.
  // Known: a form found it for this browser just now, or this browser was shown it. That is no guess, so
  // no budget is asked, and none counts it.
  enum class From : std::uint8_t { kForm, kLink, kKnown };
  From from = From::kForm;
  std::string user_code;  // as typed
  std::string address;
  std::string guess_session;  // the browser's anonymous session; empty where there is none
  // Only codes of this organization are looked up: the request came in at an issuer of it.
  std::optional<records::OrganizationId> organization;
  std::string organization_slug;  // as the person named it, or empty
  // Whether this browser is signed in to the organization; may be empty: it is not.
  std::function<bool(records::OrganizationId)> is_signed_in;
};

// A live, undecided code and what a person should know before deciding.
struct LiveUserCode {
  records::DeviceCodeRow row;
  std::string organization_slug;
  std::string organization_name;
  std::string service_slug;
  std::string service_name;
  base::seconds lifetime{0};  // how long the device stays connected at most
};

// Same answer (kBadRequest) for unknown, used, expired and foreign codes; each wrong one draws on
// the guess budgets of the address (IPv6: /64 and /48) and of the session, kTooManyRequests where one
// is spent (for a link says so: a form may pass). A right code resets none. While GuessesAreMany, a code of an
// organization that is neither named (also by the issuer) nor signed in to is a wrong one. A known code is only looked
// up.
domain::Answer<LiveUserCode> VerifyUserCode(const UserCodeRequest& request,
                                            const domain::Ports& ports);

struct Decision {
  records::RecordId request_id;
  bool approve = false;
  records::UserId user_id;
  std::string amr;
  base::Time auth_time;
  std::int64_t session_epoch = 0;  // of the user, as the sign-in was read
};
struct Decided {};
// pending -> approved | denied, once. kBadRequest: decided, expired or gone meanwhile; kAccessDenied:
// the person was signed out meanwhile; kTooManyRequests: the account decides too often.
domain::Step<domain::Answer<Decided>> DecideUserCode(const LiveUserCode& code,
                                                     const Decision& decision,
                                                     const domain::Ports& ports);

// True when wrong codes from everywhere have used up the global budget: then /activate asks for the
// organization first, and only codes of that organization are looked up.
bool GuessesAreMany(const domain::Ports& ports);

}  // namespace oauth
