// `latchkey grant`: who is signed in by which app, and ending that.

#include "base/bytes.h"
#include "ctl/admin/admin.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/args.h"
#include "ctl/commands.h"

namespace ctl {

namespace {

using base::Result;
using base::Status;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"id", "ID"},
                                           {"email", "EMAIL"},
                                           {"service", "SERVICE"},
                                           {"state", "STATE"},
                                           {"created_at", "CREATED"},
                                           {"address", "ADDRESS"},
                                           {"device_name", "DEVICE"}};
  return columns;
}

std::string_view StateOf(const records::GrantRow& row, base::Time now) {
  if (row.revoked_at) return "revoked";
  return row.expires_at <= now ? "expired" : "live";
}

// What is gone meanwhile has no name any more.
template <class Row, class Name>
Result<Json> NameOf(const Result<Row>& found, Name name) {
  if (found.ok()) return Json(name(*found));
  if (found.error().code() == base::Code::kNotFound) return Json();
  return found.error();
}

Result<JsonObject> GrantJson(Admin& admin, const records::GrantRow& row) {
  domain::AdminReader& reader = **admin.Reader();
  auto service = NameOf(reader.FindService(row.organization_id, row.service_id),
                        [](const records::ServiceWithClient& found) { return found.service.slug; });
  if (!service.ok()) return service.error();
  auto email = NameOf(reader.FindUser(row.organization_id, row.user_id),
                      [](const records::UserRow& found) { return found.email; });
  if (!email.ok()) return email.error();
  return JsonObject{{"id", base::ToText(row.id)},
                    {"user_id", base::ToText(row.user_id)},
                    {"email", std::move(*email)},
                    {"service", std::move(*service)},
                    {"state", StateOf(row, admin.Now())},
                    {"scope", row.scope},
                    {"amr", row.amr},
                    {"address", row.address},
                    {"device_name", row.device_name},
                    {"created_at", TimeJson(row.created_at)},
                    {"expires_at", TimeJson(row.expires_at)},
                    {"revoked_at", TimeJson(row.revoked_at)}};
}

Result<records::UserRow> SubjectOf(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  return FindUser(admin, *org, args.Text("--user"));
}

Result<std::vector<records::GrantRow>> RowsOf(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto after = AfterIdOf<records::GrantId>(args);
  if (!after.ok()) return after.error();
  domain::GrantPage page{
      .user = {}, .live_at = admin.Now(), .after = *after, .limit = PageOf(args).limit};
  if (args.Has("--all")) page.live_at.reset();
  if (args.Has("--user")) {
    const auto user = FindUser(admin, *org, args.Text("--user"));
    if (!user.ok()) return user.error();
    page.user = user->id;
  }
  return (*admin.Reader())->ListGrants(org->id, page);
}

Status List(const Args& args, Admin& admin) {
  const auto rows = RowsOf(args, admin);
  if (!rows.ok()) return rows.error();
  JsonArray objects;
  for (const records::GrantRow& row : *rows) {
    auto object = GrantJson(admin, row);
    if (!object.ok()) return object.error();
    objects.push_back(std::move(*object));
  }
  admin.output().List(objects, Columns(), args.Has("--all") ? "no grants" : "no live grants");
  if (!rows->empty()) NoteMore(admin, PageOf(args), rows->size(), base::ToText(rows->back().id));
  return {};
}

Status RevokeAll(const Args& args, Admin& admin) {
  const auto user = SubjectOf(args, admin);
  if (!user.ok()) return user.error();
  const records::RevokeUserGrants record{.record_id = admin.NewId<records::RecordId>(),
                                         .organization_id = user->organization_id,
                                         .user_id = user->id,
                                         .revoked_at = admin.Now()};
  const auto written = admin.Write(
      record, {.not_found = "the user is gone", .exists = {}, .conflict = {}, .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().Done("revoked " + std::to_string(written->count) + " grants of " + user->email,
                      {{"revoked", written->count}});
  return {};
}

Status RevokeOne(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const std::string text = args.Text("id");
  const auto id = base::ParseUuid(text);
  if (!id)
    return {base::Code::kInvalid, "a grant's id is a UUID, as `latchkey grant list` shows it"};
  const records::RevokeGrant record{.record_id = admin.NewId<records::RecordId>(),
                                    .organization_id = org->id,
                                    .grant_id = {*id},
                                    .revoked_at = admin.Now()};
  const auto written = admin.Write(record, {.not_found = "no grant " + text + " in " + org->slug,
                                            .exists = {},
                                            .conflict = {},
                                            .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().Done("revoked grant " + text, {{"revoked", std::int64_t{1}}});
  return {};
}

Status Revoke(const Args& args, Admin& admin) {
  if (args.Has("id") == args.Has("--user")) {
    return {base::Code::kInvalid, "give either the grant's id, or --user EMAIL for all of a user"};
  }
  return args.Has("id") ? RevokeOne(args, admin) : RevokeAll(args, admin);
}

}  // namespace

void RegisterGrant(CLI::App& app, Context& context) {
  CLI::App& noun =
      AddNoun(app, {"grant", "who is signed in by which app", "latchkey grant list --org acme"});
  CLI::App& list =
      AddCommand(noun, context,
                 {"list", "live grants of an organization, or of one user, newest first",
                  "latchkey grant list --org acme\n"
                  "latchkey grant list --org acme --user alice@acme.example --all"},
                 &List);
  AddOrgOption(list);
  AddText(list, "--user", "EMAIL", "of this user alone");
  AddFlag(list, "--all", "revoked and expired ones too, as long as they are kept");
  AddPageOptions(list, "ID");
  CLI::App& revoke =
      AddCommand(noun, context,
                 {"revoke", "end a grant, or all of a user with the browsers' sessions",
                  "latchkey grant revoke --org acme 01900000-0000-7000-8000-000000000000\n"
                  "latchkey grant revoke --org acme --user alice@acme.example"},
                 &Revoke);
  AddOrgOption(revoke);
  AddText(revoke, "id", "UUID", "the grant's id");
  AddText(revoke, "--user", "EMAIL", "all of this user");
}

}  // namespace ctl
