#include "ctl/commands/service_issuer.h"

#include "ctl/admin/lookup.h"
#include "ctl/admin/signing_keys.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

base::Result<std::string> IssuerOf(const std::string& word, Admin& admin,
                                   const records::OrganizationRow& org) {
  if (word == "platform") return std::string();
  if (org.id == records::kPlatformOrganizationId) {
    return Status(Code::kInvalid, "the platform has one issuer, public_url: leave --issuer out");
  }
  if (word == "organization") return "/o/" + org.slug;
  const auto domain = FindDomain(admin, org, word);
  if (!domain.ok()) return domain.error();
  return domain->Issuer();
}

// Whatever is not the platform's is signed with keys of the organization.
Status MakeKeysFor(const std::string& issuer, Admin& admin, const records::OrganizationRow& org) {
  if (issuer.empty()) return {};
  const auto made = AddMissingKeys(admin, org.id);
  if (!made.ok()) return made.error();
  if (*made > 0) admin.output().Note("made the signing keys of " + org.slug + "\n");
  return {};
}

}  // namespace

base::Result<std::string> ChooseIssuer(const std::string& word, Admin& admin,
                                       const records::OrganizationRow& org) {
  auto issuer = IssuerOf(word, admin, org);
  if (!issuer.ok()) return issuer;
  if (Status status = MakeKeysFor(*issuer, admin, org); !status.ok()) return status;
  return issuer;
}

}  // namespace ctl
