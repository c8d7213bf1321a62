// Rows as the JSON objects that commands print (and make their tables of): ids as UUID text, times
// as RFC 3339, words of the API for states. Secrets and hashes are left out. Pure functions,
// thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "ctl/print/json.h"
#include "records/rows.h"

namespace ctl {

JsonObject ToJson(const records::OrganizationRow& row);
// A service has one client for now: its members stand in the same object.
JsonObject ToJson(const records::ServiceRow& row, const records::ClientRow& client,
                  const base::Settings& settings);
JsonObject ToJson(const records::PlanRow& row, std::string_view service_slug);
JsonObject ToJson(const records::UserRow& row);

// A subscription with the words for its ids.
struct NamedSubscription {
  records::SubscriptionRow row;
  std::string email;
  std::string service;
  std::string plan;
};
JsonObject ToJson(const NamedSubscription& subscription);

Json TimeJson(base::Time time);  // null for the epoch: never
Json TimeJson(const std::optional<base::Time>& time);

}  // namespace ctl
