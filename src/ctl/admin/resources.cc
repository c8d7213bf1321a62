#include "ctl/admin/resources.h"

#include "base/text.h"
#include "base/url.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

bool AreOneOrigin(std::string_view a, std::string_view b) {
  const base::UrlParts one = base::SplitUrl(a);
  const base::UrlParts other = base::SplitUrl(b);
  return one.scheme == other.scheme && one.host == other.host && one.port == other.port;
}

Status CheckDomain(Admin& admin, records::OrganizationId org, const std::string& resource) {
  const auto domain =
      (*admin.Reader())->FindDomain(base::SplitUrl(base::AsciiLower(resource)).host);
  if (!domain.ok()) return domain.error().code() == Code::kNotFound ? Status() : domain.error();
  if (domain->organization_id == org) return {};
  return {Code::kDenied, resource + " lies at a domain of another organization"};
}

Status CheckOthers(Admin& admin, records::OrganizationId org, const std::string& resource) {
  const auto other = (*admin.Reader())->FindOtherOfResource(org, resource);
  if (!other.ok()) return other.error().code() == Code::kNotFound ? Status() : other.error();
  return {Code::kDenied,
          resource + " is a resource of the organization " + other->slug +
              ": an API that does not look at the token's org would take the users of both. "
              "--shared-resource says that it does"};
}

Status CheckResource(Admin& admin, records::OrganizationId org, const std::string& resource,
                     ResourceUse use) {
  if (AreOneOrigin(base::AsciiLower(resource), admin.settings().public_url)) {
    return {Code::kDenied, resource + " is this server itself, which takes no such tokens"};
  }
  if (Status status = CheckDomain(admin, org, resource); !status.ok()) return status;
  return use == ResourceUse::kShared ? Status() : CheckOthers(admin, org, resource);
}

}  // namespace

Status CheckResources(Admin& admin, records::OrganizationId org,
                      const std::vector<std::string>& resources, ResourceUse use) {
  if (Status status = CheckUris("resource", resources); !status.ok()) return status;
  for (const std::string& resource : resources) {
    if (Status status = CheckResource(admin, org, resource, use); !status.ok()) return status;
  }
  return {};
}

}  // namespace ctl
