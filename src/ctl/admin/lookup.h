// From the words an operator types to rows: slugs, names, e-mail addresses. Errors: kNotFound with
// a sentence that says where to look; kInvalid (no e-mail address at all); kUnavailable (no
// database).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "ctl/admin/admin.h"
#include "ctl/admin/row_json.h"
#include "ctl/args.h"
#include "records/rows.h"

namespace ctl {

base::Result<records::OrganizationRow> FindOrganization(Admin& admin, std::string_view slug);
base::Result<records::ServiceWithClient> FindService(Admin& admin,
                                                     const records::OrganizationRow& org,
                                                     std::string_view slug);
// A domain of the organization, in whatever case it is typed.
base::Result<records::DomainRow> FindDomain(Admin& admin, const records::OrganizationRow& org,
                                            std::string_view host);
base::Result<records::PlanRow> FindPlan(Admin& admin, const records::ServiceRow& service,
                                        std::string_view name);
base::Result<records::UserRow> FindUser(Admin& admin, const records::OrganizationRow& org,
                                        std::string_view email);

// What --org and --service name.
struct ServicePlace {
  records::OrganizationRow org;
  records::ServiceRow service;
  records::ClientRow client;
};
base::Result<records::OrganizationRow> OrganizationOf(const Args& args, Admin& admin);
base::Result<ServicePlace> ServicePlaceOf(const Args& args, Admin& admin);
// The user that --org and --email name.
base::Result<records::UserRow> UserOf(const Args& args, Admin& admin);

// A subscription's row with the words for its ids.
base::Result<NamedSubscription> WithNames(Admin& admin, const records::SubscriptionRow& row);

// Who owns the platform; empty before `latchkey init`.
base::Result<std::vector<records::MembershipRow>> ListPlatformOwners(Admin& admin);

// --org, and the e-mail address as --email or in its place.
void AddUserOptions(CLI::App& command);
// --limit and --after of long lists.
void AddPageOptions(CLI::App& command, const char* key);
domain::Page PageOf(const Args& args);
// Of a list whose --after is a row's id. kInvalid: it is none.
template <class Id>
base::Result<std::optional<Id>> AfterIdOf(const Args& args) {
  const std::string text = PageOf(args).after;
  if (text.empty()) return std::optional<Id>();
  const auto id = base::ParseUuid(text);
  if (!id) return base::Status(base::Code::kInvalid, "--after takes the id of a row of the list");
  return std::optional(Id{*id});
}
// Says how to go on where the list filled its page.
void NoteMore(Admin& admin, const domain::Page& page, std::size_t rows,
              const std::string& last_key);

}  // namespace ctl
