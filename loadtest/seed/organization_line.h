// An organization that latchkey-seed made, and the line of organizations.txt that says it to a later
// call: blank-separated words, ids in hex.
//   line = slug client_id organization service client plan *user
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "records/ids.h"

namespace seed {

struct Organization {
  records::OrganizationId id;
  records::ServiceId service_id;
  records::ClientRowId client_row_id;
  records::PlanId plan_id;
  std::string slug;
  std::string client_id;
  std::vector<records::UserId> users;
};

std::string ToLine(const Organization& organization);
// nullopt: not such a line.
std::optional<Organization> FromLine(const std::string& line);

}  // namespace seed
