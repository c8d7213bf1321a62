// `latchkey domain`: Hosts of an organization, each an issuer of its own.

#include "base/url.h"
#include "ctl/admin/admin.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/signing_keys.h"
#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/print/text.h"
#include "domain/issuer.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"host", "HOST"}, {"issuer", "ISSUER"}};
  return columns;
}

JsonObject ToJson(const records::DomainRow& row, const Admin& admin) {
  return {{"host", row.host}, {"issuer", domain::IssuerUrl(row.Issuer(), admin.settings())}};
}

Status Create(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto host = NormalizeHost(args.Text("host"));
  if (!host.ok()) return host.error();
  if (*host == base::SplitUrl(admin.settings().public_url).host) {
    return {Code::kConflict, *host + " is the server's own address (public_url)"};
  }
  if (org->id == records::kPlatformOrganizationId) {
    return {Code::kInvalid, "the platform has no domains: its address is public_url"};
  }
  if (const auto made = AddMissingKeys(admin, org->id); !made.ok()) return made.error();
  const records::CreateDomain record{.record_id = admin.NewId<records::RecordId>(),
                                     .row = {.host = *host, .organization_id = org->id}};
  const auto written = admin.Write(
      record, {.not_found = "the organization is gone",
               .exists = *host + " is a domain already: `latchkey domain list --org ORG`",
               .conflict = {},
               .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().One(ToJson(record.row, admin));
  admin.output().Note(
      "\nPoint its DNS record here and give nginx a certificate for it. A client "
      "belongs to it by\n`latchkey service create --org " +
      org->slug + " --slug SLUG --issuer " + *host + "`.");
  return {};
}

Status List(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto rows = (*admin.Reader())->ListDomains(org->id);
  if (!rows.ok()) return rows.error();
  JsonArray objects;
  for (const auto& row : *rows) objects.push_back(ToJson(row, admin));
  admin.output().List(objects, Columns(), "no domains: `latchkey domain create` adds one");
  return {};
}

Status Show(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto domain = FindDomain(admin, *org, args.Text("host"));
  if (!domain.ok()) return domain.error();
  admin.output().One(ToJson(*domain, admin));
  return {};
}

Status Delete(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto domain = FindDomain(admin, *org, args.Text("host"));
  if (!domain.ok()) return domain.error();
  const std::string& host = domain->host;
  if (!args.Has("--yes")) {
    if (Status status = Confirm("Stop answering for " + host + "?"); !status.ok()) return status;
  }
  const records::DeleteDomain record{
      .record_id = admin.NewId<records::RecordId>(), .organization_id = org->id, .host = host};
  const auto written =
      admin.Write(record, {.not_found = host + " is gone already",
                           .exists = {},
                           .conflict = host + " is the issuer of a service: delete that first",
                           .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().Done("deleted domain " + host, {{"deleted", host}});
  return {};
}

}  // namespace

void RegisterDomain(CLI::App& app, Context& context) {
  CLI::App& noun = AddNoun(app, {"domain", "addresses of an organization's own, each an issuer",
                                 "latchkey domain create --org acme login.acme.example"});
  CLI::App& create = AddCommand(noun, context,
                                {"create", "answer for a Host, as an organization's issuer",
                                 "latchkey domain create --org acme login.acme.example"},
                                &Create);
  AddOrgOption(create);
  AddRequired(create, "host", "HOST", "a domain name, without https:// and port");
  AddOrgOption(AddCommand(
      noun, context, {"list", "the domains of an organization", "latchkey domain list --org acme"},
      &List));
  CLI::App& show = AddCommand(
      noun, context, {"show", "one domain", "latchkey domain show --org acme login.acme.example"},
      &Show);
  AddOrgOption(show);
  AddRequired(show, "host", "HOST", "");
  CLI::App& remove = AddCommand(noun, context,
                                {"delete", "stop answering for a Host",
                                 "latchkey domain delete --org acme login.acme.example --yes"},
                                &Delete);
  AddOrgOption(remove);
  AddRequired(remove, "host", "HOST", "");
  AddYes(remove);
}

}  // namespace ctl
