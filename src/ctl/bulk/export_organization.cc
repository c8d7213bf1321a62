#include "ctl/bulk/export_organization.h"

#include <map>
#include <string>
#include <utility>

#include "ctl/admin/admin.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/args.h"
#include "ctl/bulk/json_lines.h"

namespace ctl {

namespace {

using base::Status;

constexpr std::int64_t kPageRows = 500;
constexpr std::int64_t kExportVersion = 1;

JsonObject Typed(const char* type, JsonObject object) {
  object.insert(object.begin(), {"type", type});
  return object;
}

// Line after line, a page of people in memory at a time. Each page is the newest state as it is read:
// a snapshot over all of them would keep the writer from emptying its log.
class Export {
 public:
  enum class Hashes : std::uint8_t { kLeaveOut, kInclude };

  Export(Admin& admin, const records::OrganizationRow& org, Hashes hashes, JsonLines& out)
      : admin_(admin), org_(org), hashes_(hashes), out_(out) {}

  Status Run(domain::AdminReader& reader) {
    out_.Write({{"type", "export"},
                {"version", kExportVersion},
                {"made_at", TimeJson(admin_.Now())},
                {"public_url", admin_.settings().public_url}});
    Put("organization", ToJson(org_));
    if (Status status = WriteDomains(reader); !status.ok()) return status;
    if (Status status = WriteServices(reader); !status.ok()) return status;
    if (Status status = WriteUsers(reader); !status.ok()) return status;
    JsonObject end{{"type", "end"}};
    for (const auto& [type, count] : counts_) end.push_back({type, count});
    out_.Write(end);
    return out_.Close();
  }

 private:
  void Put(const char* type, JsonObject object) {
    ++counts_[type];
    out_.Write(Typed(type, std::move(object)));
  }

  Status WriteDomains(domain::AdminReader& reader) {
    const auto domains = reader.ListDomains(org_.id);
    if (!domains.ok()) return domains.error();
    for (const records::DomainRow& domain : *domains) Put("domain", {{"host", domain.host}});
    return {};
  }

  Status WriteServices(domain::AdminReader& reader) {
    const auto services = reader.ListServices(org_.id);
    if (!services.ok()) return services.error();
    for (const records::ServiceWithClient& found : *services) {
      JsonObject service = ToJson(found.service, found.client, admin_.settings());
      service.push_back({"jwks", found.client.jwks});
      Put("service", std::move(service));
      services_[found.service.id] = found.service.slug;
      const auto plans = reader.ListPlans(org_.id, found.service.id);
      if (!plans.ok()) return plans.error();
      for (const records::PlanRow& plan : *plans) {
        Put("plan", ToJson(plan, found.service.slug));
        plans_[plan.id] = plan.name;
      }
    }
    return {};
  }

  Status WriteUsers(domain::AdminReader& reader) {
    domain::Page page{.after = {}, .limit = kPageRows};
    for (;;) {
      const auto users = reader.ListUsers(org_.id, page);
      if (!users.ok()) return users.error();
      if (users->empty()) return {};
      for (const records::UserRow& user : *users) {
        if (Status status = WriteUser(reader, user); !status.ok()) return status;
      }
      page.after = users->back().email;
    }
  }

  Status WriteUser(domain::AdminReader& reader, const records::UserRow& user) {
    JsonObject object = ToJson(user);
    if (hashes_ == Hashes::kInclude) object.push_back({"password_hash", user.password_hash});
    Put("user", std::move(object));
    const auto subscriptions = reader.ListSubscriptionsOfUser(org_.id, user.id);
    if (!subscriptions.ok()) return subscriptions.error();
    for (const records::SubscriptionRow& row : *subscriptions) {
      Put("subscription", ToJson(NamedSubscription{row, user.email, services_[row.service_id],
                                                   plans_[row.plan_id]}));
    }
    return {};
  }

  Admin& admin_;
  const records::OrganizationRow& org_;
  Hashes hashes_;
  JsonLines& out_;
  std::map<records::ServiceId, std::string> services_;
  std::map<records::PlanId, std::string> plans_;
  std::map<std::string, std::int64_t, std::less<>> counts_;
};

Status ExportOrganization(const Args& args, Admin& admin) {
  const auto org = FindOrganization(admin, args.Text("slug"));
  if (!org.ok()) return org.error();
  auto out = JsonLines::Open(args.OptionalText("--output").value_or("-"));
  if (!out.ok()) return out.error();
  const auto hashes =
      args.Has("--with-password-hashes") ? Export::Hashes::kInclude : Export::Hashes::kLeaveOut;
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  return Export(admin, *org, hashes, *out).Run(**reader);
}

}  // namespace

void AddOrganizationExport(CLI::App& noun, Context& context) {
  CLI::App& command = AddCommand(noun, context,
                                 {"export",
                                  "write an organization as JSON Lines: its domains, services, "
                                  "plans, people and subscriptions",
                                  "latchkey org export acme --output acme.jsonl\n"
                                  "latchkey org export acme --with-password-hashes | gpg --encrypt "
                                  "--recipient ops > acme.gpg"},
                                 &ExportOrganization);
  AddRequired(command, "slug", "SLUG", "the organization");
  AddText(command, "--output", "FILE", "of mode 0600; default: standard output");
  AddFlag(command, "--with-password-hashes",
          "for a move to another server: who has the file can search the passwords");
}

}  // namespace ctl
