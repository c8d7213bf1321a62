// private_key_jwt: a client proves itself by a JWT it signed (RFC 7523 §2.2 and §3, OpenID Connect
// Core §9).
#pragma once

#include <string>

#include "domain/error.h"
#include "domain/ports.h"
#include "oauth/clients/client_authentication.h"
#include "records/grant_writes.h"

namespace oauth {

// The client_id that the assertion speaks of, before anything of it is believed.
// kClientAuthenticationFailed: no such JWT, or another client_id stands beside it.
domain::Answer<std::string> ClientIdOfAssertion(const ClientCredentials& credentials,
                                                const domain::Ports& ports);

// Believes it: signature, issuer, audience, time; and takes its jti, for which reason it comes last
// of all checks. The jti is marked in memory, which a reboot empties: what is issued keeps the answer with
// it, and the writer refuses (kInvalid: AssertionUsed) what another record used.
// kClientAuthenticationFailed says which did not hold; kTooManyRequests: the client, or its
// organization, had so many that others need the room; kTemporarilyUnavailable: there is none.
domain::Answer<records::UsedAssertion> CheckAssertion(const ClientCredentials& credentials,
                                                      const records::ClientRow& client,
                                                      const domain::Ports& ports);

// Its jti was used by another request.
domain::Error AssertionUsed();

}  // namespace oauth
