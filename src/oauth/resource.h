// Resource indicators (RFC 8707): for which protected resource a token is made. A service lists the
// resources that its clients may ask for; a token with one has it alone as its audience, and is no
// good at our own API. One resource a request.
#pragma once

#include <string>
#include <string_view>

#include "domain/error.h"
#include "records/rows.h"

namespace oauth {

// `requested` where the service has it, "" where nothing was asked for. kInvalidTarget: not one of
// the service's.
domain::Answer<std::string> GrantResource(std::string_view requested,
                                          const records::ServiceRow& service);

// At the token endpoint (§2.2): what the grant is limited to, or one of the service's where it is
// not. kInvalidTarget: another one, or the service has it no more.
domain::Answer<std::string> NarrowResource(std::string_view requested, std::string_view granted,
                                           const records::ServiceRow& service);

}  // namespace oauth
