// `latchkey org`: organizations, the tenants.

#include "ctl/admin/admin.h"
#include "ctl/admin/changes.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/args.h"
#include "ctl/bulk/export_organization.h"
#include "ctl/commands.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Status;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"slug", "SLUG"},
                                           {"name", "NAME"},
                                           {"status", "STATUS"},
                                           {"created_at", "CREATED"},
                                           {"id", "ID"}};
  return columns;
}

Status Create(const Args& args, Admin& admin) {
  const std::string slug = args.Text("slug");
  const auto org = AddOrganization(admin, slug, args.OptionalText("--name").value_or(slug));
  if (!org.ok()) return org.error();
  admin.output().One(ToJson(*org));
  return {};
}

Status List(const Args& args, Admin& admin) {
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  const auto rows = (*reader)->ListOrganizations(PageOf(args));
  if (!rows.ok()) return rows.error();
  JsonArray objects;
  for (const auto& row : *rows) objects.push_back(ToJson(row));
  admin.output().List(objects, Columns(), "no organizations here");
  if (!rows->empty()) NoteMore(admin, PageOf(args), rows->size(), rows->back().slug);
  return {};
}

Status Show(const Args& args, Admin& admin) {
  const auto org = FindOrganization(admin, args.Text("slug"));
  if (!org.ok()) return org.error();
  admin.output().One(ToJson(*org));
  return {};
}

Status Update(const Args& args, Admin& admin) {
  const auto org = FindOrganization(admin, args.Text("slug"));
  if (!org.ok()) return org.error();
  records::UpdateOrganization record{.record_id = admin.NewId<records::RecordId>(),
                                     .organization_id = org->id,
                                     .name = args.OptionalText("--name"),
                                     .status = std::nullopt,
                                     .updated_at = admin.Now()};
  if (args.Has("--suspend")) record.status = records::OrganizationStatus::kSuspended;
  if (args.Has("--activate")) record.status = records::OrganizationStatus::kActive;
  if (!record.name && !record.status) {
    return {base::Code::kInvalid, "nothing to change: give --name, --suspend or --activate"};
  }
  if (record.name) {
    if (Status status = CheckName("the organization's name", *record.name); !status.ok())
      return status;
  }
  const auto written = admin.Write(record, {.not_found = "the organization is gone",
                                            .exists = {},
                                            .conflict = {},
                                            .denied = "the platform itself cannot be suspended"});
  if (!written.ok()) return written.error();
  return Show(args, admin);
}

Status Delete(const Args& args, Admin& admin) {
  const auto org = FindOrganization(admin, args.Text("slug"));
  if (!org.ok()) return org.error();
  if (!args.Has("--yes")) {
    if (Status status = Confirm("Delete the organization " + org->slug + "?"); !status.ok())
      return status;
  }
  const records::DeleteOrganization record{.record_id = admin.NewId<records::RecordId>(),
                                           .organization_id = org->id};
  const auto written = admin.Write(
      record, {.not_found = "the organization is gone already",
               .exists = {},
               .conflict = org->slug + " still has services or users: delete those first",
               .denied = "the organization platform is part of the server and stays"});
  if (!written.ok()) return written.error();
  admin.output().Done("deleted organization " + org->slug, {{"deleted", org->slug}});
  return {};
}

}  // namespace

void RegisterOrg(CLI::App& app, Context& context) {
  CLI::App& org =
      AddNoun(app, {"org", "organizations: the tenants, each with its own users and services",
                    "latchkey org create acme --name \"Acme Inc.\"\nlatchkey org list"});
  CLI::App& create = AddCommand(
      org, context,
      {"create", "add an organization", "latchkey org create acme --name \"Acme Inc.\""}, &Create);
  AddRequired(create, "slug", "SLUG", "short name in addresses and commands");
  AddText(create, "--name", "TEXT", "name for people; default: the slug");

  AddPageOptions(AddCommand(org, context,
                            {"list", "all organizations, by slug",
                             "latchkey org list\nlatchkey --json org list"},
                            &List),
                 "SLUG");

  CLI::App& show =
      AddCommand(org, context, {"show", "one organization", "latchkey org show acme"}, &Show);
  AddRequired(show, "slug", "SLUG", "");

  CLI::App& update =
      AddCommand(org, context,
                 {"update", "rename, suspend or activate an organization",
                  "latchkey org update acme --name Acme\nlatchkey org update acme --suspend"},
                 &Update);
  AddRequired(update, "slug", "SLUG", "");
  AddText(update, "--name", "TEXT", "name for people");
  AddFlag(update, "--suspend", "no sign-in, no token of it is good any more");
  AddFlag(update, "--activate", "end a suspension");
  AddExclusion(update, "--suspend", "--activate");

  CLI::App& remove = AddCommand(
      org, context, {"delete", "delete an empty organization", "latchkey org delete acme --yes"},
      &Delete);
  AddRequired(remove, "slug", "SLUG", "");
  AddYes(remove);
  AddOrganizationExport(org, context);
}

}  // namespace ctl
