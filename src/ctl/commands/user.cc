// `latchkey user`: the people of an organization. Links instead of mail: user_links.cc.

#include "ctl/admin/admin.h"
#include "ctl/admin/changes.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/args.h"
#include "ctl/bulk/import_users.h"
#include "ctl/commands.h"
#include "ctl/commands/password_input.h"
#include "ctl/commands/user_links.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"email", "EMAIL"},
                                           {"status", "STATUS"},
                                           {"has_password", "PASSWORD"},
                                           {"created_at", "CREATED"},
                                           {"id", "ID"}};
  return columns;
}

Status MakeOwner(Admin& admin, const records::UserRow& user) {
  if (user.organization_id != records::kPlatformOrganizationId) {
    return {Code::kInvalid,
            "only a user of the organization platform can be a platform owner: use --org platform"};
  }
  return AddMembership(admin, user, records::kPlatformOrganizationId, records::Role::kOwner);
}

using Password = std::optional<std::string>;

base::Result<Password> PasswordOf(const Args& args) {
  if (!args.Has("--password-stdin")) return Password();
  auto password = ReadPassword();
  if (!password.ok()) return password.error();
  return Password(std::move(*password));
}

Status Create(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  if (args.Has("--owner") && org->id != records::kPlatformOrganizationId) {
    return {Code::kInvalid, "--owner is for users of the organization platform"};
  }
  const auto password = PasswordOf(args);
  if (!password.ok()) return password.error();
  const auto user =
      AddUser(admin, *org, args.Text("--email"), *password,
              args.Has("--unverified") ? EmailState::kUnverified : EmailState::kVerified);
  if (!user.ok()) return user.error();
  if (args.Has("--owner")) {
    if (Status status = MakeOwner(admin, *user); !status.ok()) return status;
  }
  if (args.Has("--invite")) return PrintLink(admin, *user);
  admin.output().One(ToJson(*user));
  if (!*password) {
    admin.output().Note("\nNo password yet: `latchkey user invite --org " + org->slug + " " +
                        user->email + "` prints a link to set one.");
  }
  return {};
}

Status List(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto rows = (*admin.Reader())->ListUsers(org->id, PageOf(args));
  if (!rows.ok()) return rows.error();
  JsonArray objects;
  for (const auto& row : *rows) objects.push_back(ToJson(row));
  admin.output().List(objects, Columns(), "no users here");
  if (!rows->empty()) NoteMore(admin, PageOf(args), rows->size(), rows->back().email);
  return {};
}

Status Show(const Args& args, Admin& admin) {
  const auto user = UserOf(args, admin);
  if (!user.ok()) return user.error();
  admin.output().One(ToJson(*user));
  return {};
}

Status SendUpdate(Admin& admin, const records::UpdateUser& record) {
  return admin
      .Write(record, {.not_found = "the user is gone",
                      .exists = "another user of the organization has that e-mail address",
                      .conflict = {},
                      .denied = {}})
      .status();
}

Status Update(const Args& args, Admin& admin) {
  const auto user = UserOf(args, admin);
  if (!user.ok()) return user.error();
  records::UpdateUser record{.record_id = admin.NewId<records::RecordId>(),
                             .user_id = user->id,
                             .organization_id = user->organization_id,
                             .email = std::nullopt,
                             .status = std::nullopt,
                             .unlocked_at = std::nullopt,
                             .updated_at = admin.Now()};
  if (args.Has("--new-email")) {
    auto email = NormalizeEmail(args.Text("--new-email"));
    if (!email.ok()) return email.error();
    record.email = std::move(*email);
  }
  if (args.Has("--disable")) record.status = records::UserStatus::kDisabled;
  if (args.Has("--enable")) record.status = records::UserStatus::kActive;
  if (!record.email && !record.status) {
    return {Code::kInvalid, "nothing to change: give --new-email, --disable or --enable"};
  }
  if (Status status = SendUpdate(admin, record); !status.ok()) return status;
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto changed = FindUser(admin, *org, record.email.value_or(user->email));
  if (!changed.ok()) return changed.error();
  admin.output().One(ToJson(*changed));
  return {};
}

Status Unlock(const Args& args, Admin& admin) {
  const auto user = UserOf(args, admin);
  if (!user.ok()) return user.error();
  const base::Time now = admin.Now();
  const records::UpdateUser record{.record_id = admin.NewId<records::RecordId>(),
                                   .user_id = user->id,
                                   .organization_id = user->organization_id,
                                   .email = std::nullopt,
                                   .status = std::nullopt,
                                   .unlocked_at = now,
                                   .updated_at = now};
  if (Status status = SendUpdate(admin, record); !status.ok()) return status;
  admin.output().Done("unlocked " + user->email + ": wrong passwords before now count no more",
                      {{"unlocked", user->email}, {"unlocked_at", TimeJson(now)}});
  return {};
}

Status Delete(const Args& args, Admin& admin) {
  const auto user = UserOf(args, admin);
  if (!user.ok()) return user.error();
  if (!args.Has("--yes")) {
    if (Status status =
            Confirm("Delete the user " + user->email + " with subscriptions and grants?");
        !status.ok()) {
      return status;
    }
  }
  const records::DeleteUser record{.record_id = admin.NewId<records::RecordId>(),
                                   .user_id = user->id,
                                   .organization_id = user->organization_id,
                                   .deleted_at = admin.Now()};
  const auto written = admin.Write(record, {.not_found = "the user is gone already",
                                            .exists = {},
                                            .conflict = "the last platform owner cannot be deleted",
                                            .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().Done("deleted user " + user->email, {{"deleted", user->email}});
  return {};
}

void AddCreate(CLI::App& noun, Context& context) {
  CLI::App& command = AddCommand(noun, context,
                                 {"create", "add a user",
                                  "latchkey user create --org acme alice@acme.example --invite\n"
                                  "printf '%s' \"$PASSWORD\" | latchkey user create --org acme "
                                  "--email bob@acme.example --password-stdin"},
                                 &Create);
  AddUserOptions(command);
  AddFlag(command, "--password-stdin", "read the password from standard input");
  AddFlag(command, "--invite", "print a link to set a password");
  AddFlag(command, "--unverified", "the organization does not vouch for the address");
  AddFlag(command, "--owner", "make a platform owner (with --org platform)");
  AddExclusion(command, "--password-stdin", "--invite");
}

void AddUpdate(CLI::App& noun, Context& context) {
  CLI::App& command = AddCommand(
      noun, context,
      {"update", "change the address, disable or enable a user",
       "latchkey user update --org acme alice@acme.example --new-email a.smith@acme.example\n"
       "latchkey user update --org acme alice@acme.example --disable"},
      &Update);
  AddUserOptions(command);
  AddText(command, "--new-email", "EMAIL", "the address from now on");
  AddFlag(command, "--disable", "no sign-in; grants end");
  AddFlag(command, "--enable", "end that");
  AddExclusion(command, "--disable", "--enable");
}

}  // namespace

void RegisterUser(CLI::App& app, Context& context) {
  CLI::App& noun =
      AddNoun(app, {"user", "people of an organization", "latchkey user list --org acme"});
  AddCreate(noun, context);
  CLI::App& list = AddCommand(
      noun, context,
      {"list", "users of an organization, by address", "latchkey user list --org acme"}, &List);
  AddOrgOption(list);
  AddPageOptions(list, "EMAIL");
  AddUserOptions(
      AddCommand(noun, context,
                 {"show", "one user", "latchkey user show --org acme alice@acme.example"}, &Show));
  AddUpdate(noun, context);
  CLI::App& remove = AddCommand(noun, context,
                                {"delete", "delete a user with all that hangs on it",
                                 "latchkey user delete --org acme alice@acme.example --yes"},
                                &Delete);
  AddUserOptions(remove);
  AddYes(remove);
  AddUserLinks(noun, context);
  AddUserImport(noun, context);
  AddUserOptions(AddCommand(noun, context,
                            {"unlock", "forget wrong passwords, so that the user may sign in again",
                             "latchkey user unlock --org acme alice@acme.example"},
                            &Unlock));
}

}  // namespace ctl
