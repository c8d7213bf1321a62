// Organizations, services, clients, plans and keys as the domain reads them.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "records/rows.h"

namespace domain {

// Small rows that seldom change, kept while the directory generation stands. A pointer is valid
// until the current turn of the loop ends: copy what a pending write needs. Errors: kNotFound,
// kUnavailable.
class Directory {
 public:
  virtual ~Directory() = default;
  virtual base::Result<const records::ClientRow*> FindClient(std::string_view client_id) = 0;
  virtual base::Result<const records::ClientRow*> FindClientByRow(records::OrganizationId org,
                                                                  records::ClientRowId id) = 0;
  virtual base::Result<const records::OrganizationRow*> FindOrganization(
      records::OrganizationId id) = 0;
  virtual base::Result<const records::OrganizationRow*> FindOrganizationBySlug(
      std::string_view slug) = 0;
  virtual base::Result<const records::DomainRow*> FindDomain(std::string_view host) = 0;
  virtual base::Result<const records::ServiceRow*> FindService(records::OrganizationId org,
                                                               records::ServiceId id) = 0;
  virtual base::Result<const records::PlanRow*> FindPlan(records::OrganizationId org,
                                                         records::PlanId id) = 0;
  // All keys published for the issuer of an organization, newest first.
  virtual base::Result<const std::vector<records::SigningKeyRow>*> SigningKeys(
      records::OrganizationId org) = 0;
};

}  // namespace domain
