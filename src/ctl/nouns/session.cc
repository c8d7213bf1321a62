// `latchkey session`: who is signed in by which app, and ending that.
#include <CLI/CLI.hpp>

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

constexpr std::int64_t kListRows = 100;
constexpr std::int64_t kMaxListRows = 10'000;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"id", "ID"},           {"service", "SERVICE"},
                                           {"state", "STATE"},     {"created_at", "CREATED"},
                                           {"address", "ADDRESS"}, {"device_name", "DEVICE"}};
  return columns;
}

std::string_view StateOf(const store::SessionRow& row, base::Time now) {
  if (row.revoked_at) return "revoked";
  return row.expires_at <= now ? "expired" : "live";
}

Result<JsonObject> SessionJson(Admin& admin, const store::SessionRow& row) {
  const auto found = (*admin.Reader())->FindService(row.organization_id, row.service_id);
  const bool is_gone = !found.ok() && found.error().code() == base::Code::kNotFound;
  if (!found.ok() && !is_gone) return found.error();
  return JsonObject{{"id", base::ToText(row.id)},
                    {"user_id", base::ToText(row.user_id)},
                    {"service", is_gone ? Json() : Json(found->service.slug)},
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

Status List(const Args& args, Admin& admin) {
  const auto user = SubjectOf(args, admin);
  if (!user.ok()) return user.error();
  const auto rows =
      (*admin.Reader())
          ->ListSessionsOfUser(user->organization_id, user->id, args.Number("--limit", kListRows));
  if (!rows.ok()) return rows.error();
  JsonArray objects;
  for (const store::SessionRow& row : *rows) {
    if (!args.Has("--all") && StateOf(row, admin.Now()) != "live") continue;
    auto object = SessionJson(admin, row);
    if (!object.ok()) return object.error();
    objects.push_back(std::move(*object));
  }
  admin.output().List(objects, Columns(), "no live sessions");
  return {};
}

Status RevokeAll(const Args& args, Admin& admin) {
  const auto user = SubjectOf(args, admin);
  if (!user.ok()) return user.error();
  const records::RevokeUserSessions record{.record_id = admin.NewId<records::RecordId>(),
                                           .organization_id = user->organization_id,
                                           .user_id = user->id,
                                           .revoked_at = admin.Now()};
  const auto written = admin.Write(
      record, {.not_found = "the user is gone", .exists = {}, .conflict = {}, .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().Done("revoked " + std::to_string(written->count) + " sessions of " + user->email,
                      {{"revoked", written->count}});
  return {};
}

Status RevokeOne(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const std::string text = args.Text("id");
  const auto id = base::ParseUuid(text);
  if (!id)
    return {base::Code::kInvalid, "a session's id is a UUID, as `latchkey session list` shows it"};
  const records::RevokeSession record{.record_id = admin.NewId<records::RecordId>(),
                                      .organization_id = org->id,
                                      .session_id = {*id},
                                      .revoked_at = admin.Now()};
  const auto written = admin.Write(record, {.not_found = "no session " + text + " in " + org->slug,
                                            .exists = {},
                                            .conflict = {},
                                            .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().Done("revoked session " + text, {{"revoked", std::int64_t{1}}});
  return {};
}

Status Revoke(const Args& args, Admin& admin) {
  if (args.Has("id") == args.Has("--user")) {
    return {base::Code::kInvalid,
            "give either the session's id, or --user EMAIL for all of a user"};
  }
  return args.Has("id") ? RevokeOne(args, admin) : RevokeAll(args, admin);
}

}  // namespace

void RegisterSession(CLI::App& app, Context& context) {
  CLI::App& noun = AddNoun(app, {"session", "who is signed in by which app",
                                 "latchkey session list --org acme --user alice@acme.example"});
  CLI::App& list = AddCommand(noun, context,
                              {"list", "live sessions of a user, newest first",
                               "latchkey session list --org acme --user alice@acme.example\n"
                               "latchkey session list --org acme --user alice@acme.example --all"},
                              &List);
  AddOrgOption(list);
  AddRequired(list, "--user", "EMAIL", "whose");
  AddFlag(list, "--all", "revoked and expired ones too, as long as they are kept");
  AddNumber(list, "--limit", 1, kMaxListRows, "N", "look at so many; default: 100");
  CLI::App& revoke =
      AddCommand(noun, context,
                 {"revoke", "end a session, or all of a user with the browsers' sign-ins",
                  "latchkey session revoke --org acme 01900000-0000-7000-8000-000000000000\n"
                  "latchkey session revoke --org acme --user alice@acme.example"},
                 &Revoke);
  AddOrgOption(revoke);
  AddText(revoke, "id", "UUID", "the session's id");
  AddText(revoke, "--user", "EMAIL", "all of this user");
}

}  // namespace ctl
