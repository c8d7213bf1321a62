#include "ctl/commands/user_links.h"

#include "base/bytes.h"
#include "ctl/admin/changes.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Status;

Status Invite(const Args& args, Admin& admin) {
  auto user = UserOf(args, admin);
  if (!user.ok() && user.error().code() == base::Code::kNotFound) {
    const auto org = OrganizationOf(args, admin);
    if (!org.ok()) return org.error();
    user = AddUser(admin, *org, args.Text("--email"), std::nullopt);
  }
  if (!user.ok()) return user.error();
  return PrintLink(admin, *user);
}

Status Reset(const Args& args, Admin& admin) {
  const auto user = UserOf(args, admin);
  if (!user.ok()) return user.error();
  return PrintLink(admin, *user);
}

}  // namespace

Status PrintLink(Admin& admin, const records::UserRow& user) {
  const auto link = AddPasswordLink(admin, user);
  if (!link.ok()) return link.error();
  const base::seconds lifetime(admin.settings().password_link_s);
  admin.output().Done("Give this link to " + user.email +
                          ". It sets a password, works once, and ends in " +
                          DurationText(lifetime) + ":\n\n  " + link->url,
                      {{"user_id", base::ToText(user.id)},
                       {"email", user.email},
                       {"link", link->url},
                       {"expires_at", TimeJson(link->expires_at)}});
  return {};
}

void AddUserLinks(CLI::App& noun, Context& context) {
  AddUserOptions(AddCommand(
      noun, context,
      {"invite", "add the user where there is none yet, and print a link to set a password",
       "latchkey user invite --org acme alice@acme.example"},
      &Invite));
  AddUserOptions(
      AddCommand(noun, context,
                 {"reset", "print a link to set a new password; the old one holds until it is used",
                  "latchkey user reset --org acme alice@acme.example"},
                 &Reset));
}

}  // namespace ctl
