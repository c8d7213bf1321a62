// Issuers (RFC 8414 §2): where a request came in, and where a client belongs.
//
// One is named by a reference relative to public_url (RFC 3986 §4.2), so that it moves along when
// public_url changes:
//
//   (empty)             public_url itself; it serves all organizations, the platform's keys sign
//   /o/acme             public_url/o/acme; the keys of the organization acme sign
//   //login.acme.com    a domain of an organization, whose keys sign; scheme and port of public_url
//
// A client has one, fixed when it is made, and is unknown at all others; what it is given is good
// there alone. Pure but for the directory; not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/error.h"
#include "domain/ports.h"

namespace domain {

// The same paths live below each issuer.
struct Location {
  std::string issuer;     // a reference; a copy, as the row it comes from may be read anew
  std::string_view path;  // below the issuer; a view into what was given
};
// What the path alone says of it; whether the host may have such an issuer is not asked.
Location LocationByPath(std::string_view path);
// `host` as nginx's $host; empty (a person with cgi-fcgi) counts as public_url's, and so do
// localhost, 127.0.0.1 and [::1]. Both forms of a well-known path are understood: inserted (RFC 8414
// §3.1) and appended (OpenID Connect Discovery §4). kMisdirectedRequest: nobody registered the host;
// kNotFound: /o/ on a domain. Whether an organization of that name exists is not asked here.
Answer<Location> FindLocation(std::string_view host, std::string_view path, const Ports& ports);

// The issuer identifier: the `iss` of tokens.
std::string IssuerUrl(std::string_view issuer, const base::Settings& settings);

// Whose keys sign for a client.
records::OrganizationId KeyOwner(const records::ClientRow& client);

// nullopt for public_url; kNotFound: no such organization, or the platform, which has no other issuer.
Answer<std::optional<records::OrganizationId>> OrganizationOf(std::string_view issuer,
                                                              const Ports& ports);

struct Issuer {
  std::string url;
  records::OrganizationId key_owner;
};
// kNotFound also where an organization has no keys: it is the issuer of nobody.
Answer<Issuer> FindIssuer(std::string_view issuer, const Ports& ports);

}  // namespace domain
