#include "ctl/admin/lookup.h"

#include <fmt/format.h>

#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr std::int64_t kPageRows = 100;
constexpr std::int64_t kMaxPageRows = 10'000;

// A look-up's kNotFound in words that an operator can do something with.
template <class Row>
Result<Row> Explain(Result<Row> found, const std::string& sentence) {
  if (found.ok() || found.error().code() != Code::kNotFound) return found;
  return Status(Code::kNotFound, sentence);
}

}  // namespace

Result<records::OrganizationRow> FindOrganization(Admin& admin, std::string_view slug) {
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  return Explain((*reader)->FindOrganizationBySlug(slug),
                 fmt::format("no organization {}: `latchkey org list` shows all", Printable(slug)));
}

Result<records::ServiceWithClient> FindService(Admin& admin, const records::OrganizationRow& org,
                                               std::string_view slug) {
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  return Explain((*reader)->FindServiceBySlug(org.id, slug),
                 fmt::format("no service {1} in {0}: `latchkey service list --org {0}` shows all",
                             org.slug, Printable(slug)));
}

Result<records::DomainRow> FindDomain(Admin& admin, const records::OrganizationRow& org,
                                      std::string_view host) {
  const auto name = NormalizeHost(host);
  if (!name.ok()) return name.error();
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  auto domain = (*reader)->FindDomain(*name);
  if (domain.ok() && domain->organization_id != org.id) {
    domain = Status(base::Code::kNotFound, "domain");
  }
  return Explain(std::move(domain),
                 fmt::format("no domain {1} of {0}: `latchkey domain list --org {0}` shows all",
                             org.slug, *name));
}

Result<records::PlanRow> FindPlan(Admin& admin, const records::ServiceRow& service,
                                  std::string_view name) {
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  return Explain((*reader)->FindPlanByName(service.organization_id, service.id, name),
                 fmt::format("no plan {1} in {0}: `latchkey plan list --service {0}` shows all",
                             service.slug, Printable(name)));
}

Result<records::UserRow> FindUser(Admin& admin, const records::OrganizationRow& org,
                                  std::string_view email) {
  const auto address = NormalizeEmail(email);
  if (!address.ok()) return address.error();
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  return Explain((*reader)->FindUserByEmail(org.id, *address),
                 fmt::format("no user {1} in {0}: `latchkey user list --org {0}` shows all",
                             org.slug, *address));
}

Result<records::OrganizationRow> OrganizationOf(const Args& args, Admin& admin) {
  return FindOrganization(admin, args.Text("--org"));
}

Result<ServicePlace> ServicePlaceOf(const Args& args, Admin& admin) {
  auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  auto found = FindService(admin, *org, args.Text("--service"));
  if (!found.ok()) return found.error();
  return ServicePlace{std::move(*org), std::move(found->service), std::move(found->client)};
}

Result<records::UserRow> UserOf(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  return FindUser(admin, *org, args.Text("--email"));
}

Result<NamedSubscription> WithNames(Admin& admin, const records::SubscriptionRow& row) {
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  const auto user = (*reader)->FindUser(row.organization_id, row.user_id);
  if (!user.ok()) return user.error();
  const auto found = (*reader)->FindService(row.organization_id, row.service_id);
  if (!found.ok()) return found.error();
  const auto plan = (*reader)->FindPlan(row.organization_id, row.plan_id);
  if (!plan.ok()) return plan.error();
  return NamedSubscription{row, user->email, found->service.slug, plan->name};
}

Result<std::vector<records::MembershipRow>> ListPlatformOwners(Admin& admin) {
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  auto members = (*reader)->ListMembers(records::kPlatformOrganizationId);
  if (!members.ok()) return members.error();
  std::erase_if(*members, [](const auto& member) { return member.role != records::Role::kOwner; });
  return members;
}

void AddUserOptions(CLI::App& command) {
  AddOrgOption(command);
  AddRequired(command, "--email,email", "EMAIL", "the user's address");
}

void AddPageOptions(CLI::App& command, const char* key) {
  AddNumber(command, "--limit", 1, kMaxPageRows, "N", "at most so many; default: 100");
  AddText(command, "--after", key, "go on behind this one");
}

domain::Page PageOf(const Args& args) {
  return {.after = args.Text("--after"), .limit = args.Number("--limit", kPageRows)};
}

void NoteMore(Admin& admin, const domain::Page& page, std::size_t rows,
              const std::string& last_key) {
  if (static_cast<std::int64_t>(rows) < page.limit) return;
  admin.output().Note("\nThere may be more: add --after " + Printable(last_key));
}

}  // namespace ctl
