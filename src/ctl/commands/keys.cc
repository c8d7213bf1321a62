// `latchkey keys`: the keys that sign tokens.

#include "base/bytes.h"
#include "ctl/admin/admin.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/admin/signing_keys.h"
#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/keys/rotate_keys.h"
#include "records/audit/audit.h"

namespace ctl {

namespace {

using base::Status;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"kid", "KID"},
                                           {"alg", "ALG"},
                                           {"state", "STATE"},
                                           {"created_at", "CREATED"},
                                           {"retire_at", "PUBLISHED_UNTIL"}};
  return columns;
}

Status List(const Args& args, Admin& admin) {
  const auto org = FindOrganization(admin, args.OptionalText("--org").value_or("platform"));
  if (!org.ok()) return org.error();
  const auto rows = (*admin.Reader())->ListSigningKeys(org->id);
  if (!rows.ok()) return rows.error();
  JsonArray objects;
  for (const records::SigningKeyRow& row : *rows) {
    objects.push_back(JsonObject{{"id", base::ToText(row.id)},
                                 {"kid", row.kid},
                                 {"alg", records::ToText(row.algorithm)},
                                 {"state", records::ToText(row.state)},
                                 {"created_at", TimeJson(row.created_at)},
                                 {"retire_at", TimeJson(row.retire_at)}});
  }
  admin.output().List(objects, Columns(), "no keys: `latchkey keys create` makes them");
  return {};
}

Status Create(const Args& args, Admin& admin) {
  const auto org = FindOrganization(admin, args.OptionalText("--org").value_or("platform"));
  if (!org.ok()) return org.error();
  const auto made = AddMissingKeys(admin, org->id);
  if (!made.ok()) return made.error();
  return List(args, admin);
}

}  // namespace

void RegisterKeys(CLI::App& app, Context& context) {
  CLI::App& noun = AddNoun(app, {"keys", "the keys that sign tokens", "latchkey keys list"});
  CLI::App& create = AddCommand(
      noun, context,
      {"create", "make the keys that an organization's issuers still lack; they sign at once",
       "latchkey keys create --org acme"},
      &Create);
  AddText(create, "--org", "SLUG",
          "whose issuers they sign for; default: platform, the public URL");
  CLI::App& list = AddCommand(noun, context,
                              {"list", "signing keys, newest first", "latchkey keys list"}, &List);
  AddText(list, "--org", "SLUG", "whose issuers they sign for; default: platform, the public URL");
  AddKeyRotation(noun, context);
}

}  // namespace ctl
