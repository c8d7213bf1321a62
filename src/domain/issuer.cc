#include "domain/issuer.h"

#include "base/url.h"

namespace domain {

namespace {

using std::string_view;

constexpr string_view kByPath = "/o/";
constexpr string_view kByDomain = "//";
constexpr string_view kWellKnown = "/.well-known/";

Location SplitByPath(string_view path) {
  const std::size_t end = path.find('/', kByPath.size());
  if (end == string_view::npos) return {.issuer = std::string(path), .path = "/"};
  return {.issuer = std::string(path.substr(0, end)), .path = path.substr(end)};
}

// "/.well-known/NAME/o/acme", where NAME has no slash.
Location SplitInserted(string_view path) {
  const std::size_t name_end = path.find('/', kWellKnown.size());
  if (name_end == string_view::npos) return {.issuer = {}, .path = path};
  const string_view issuer = path.substr(name_end);
  if (!issuer.starts_with(kByPath) || issuer.find('/', kByPath.size()) != string_view::npos) {
    return {.issuer = {}, .path = path};
  }
  return {.issuer = std::string(issuer), .path = path.substr(0, name_end)};
}

bool IsOurs(string_view host, const base::Settings& settings) {
  return host == base::SplitUrl(settings.public_url).host || host.empty() || base::IsLoopback(host);
}

// A Host is repeated only where it looks like one; otherwise `instead`.
string_view Shown(string_view host, string_view instead) {
  constexpr std::size_t kMaxBytes = 253;
  constexpr string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
  const bool is_plain =
      host.size() <= kMaxBytes && host.find_first_not_of(kPlain) == string_view::npos;
  return is_plain ? host : instead;
}

// The command is told only where it would take the name.
Error Misdirected(string_view host) {
  std::string description =
      "This server does not answer for " + std::string(Shown(host, "this Host")) + ". ";
  if (base::IsDomainName(host)) {
    description.append("If it is yours: latchkey domain create --org ORG ")
        .append(host)
        .append(" makes it a domain of an organization. ");
  }
  description.append("The server's own address is public_url in latchkey.toml.");
  return {.code = ErrorCode::kMisdirectedRequest, .description = std::move(description)};
}

Error NoSuchIssuer() {
  return {.code = ErrorCode::kNotFound, .description = "There is no such issuer."};
}

Error ReadError(base::Code code) {
  return code == base::Code::kNotFound ? NoSuchIssuer() : ErrorOf(code);
}

}  // namespace

Location LocationByPath(string_view path) {
  if (path.starts_with(kByPath)) return SplitByPath(path);
  if (path.starts_with(kWellKnown)) return SplitInserted(path);
  return {.issuer = {}, .path = path};
}

Answer<Location> FindLocation(string_view host, string_view path, const Ports& ports) {
  Location location = LocationByPath(path);
  if (IsOurs(host, ports.settings)) return location;
  const auto domain = ports.directory.FindDomain(host);
  if (!domain.ok()) {
    const base::Code code = domain.error().code();
    return code == base::Code::kNotFound ? Misdirected(host) : ErrorOf(code);
  }
  if (!location.issuer.empty()) return NoSuchIssuer();
  location.issuer = (*domain)->Issuer();
  return location;
}

std::string IssuerUrl(string_view issuer, const base::Settings& settings) {
  if (!issuer.starts_with(kByDomain)) return settings.public_url + std::string(issuer);
  const base::UrlParts own = base::SplitUrl(settings.public_url);
  std::string url(own.scheme);
  url.append(":").append(issuer);
  if (!own.port.empty()) url.append(":").append(own.port);
  return url;
}

records::OrganizationId KeyOwner(const records::ClientRow& client) {
  return client.issuer.empty() ? records::kPlatformOrganizationId : client.organization_id;
}

Answer<std::optional<records::OrganizationId>> OrganizationOf(string_view issuer,
                                                              const Ports& ports) {
  using Found = Answer<std::optional<records::OrganizationId>>;
  if (issuer.empty()) return Found(std::nullopt);
  if (issuer.starts_with(kByDomain)) {
    const auto domain = ports.directory.FindDomain(issuer.substr(kByDomain.size()));
    if (!domain.ok()) return ReadError(domain.error().code());
    return Found((*domain)->organization_id);
  }
  const auto organization = ports.directory.FindOrganizationBySlug(issuer.substr(kByPath.size()));
  if (!organization.ok()) return ReadError(organization.error().code());
  // Its only issuer is public_url: what its keys sign is of no other.
  if ((*organization)->id == records::kPlatformOrganizationId) return NoSuchIssuer();
  return Found((*organization)->id);
}

Answer<Issuer> FindIssuer(string_view issuer, const Ports& ports) {
  const auto organization = OrganizationOf(issuer, ports);
  if (!organization.ok()) return organization.error();
  Issuer found{.url = IssuerUrl(issuer, ports.settings),
               .key_owner = organization->value_or(records::kPlatformOrganizationId)};
  if (!organization->has_value()) return found;
  const auto keys = ports.directory.SigningKeys(found.key_owner);
  if (!keys.ok()) return ReadError(keys.error().code());
  return (*keys)->empty() ? Answer<Issuer>(NoSuchIssuer()) : Answer<Issuer>(std::move(found));
}

}  // namespace domain
