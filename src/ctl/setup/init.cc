// `latchkey init`, and the part of it that the demo shares.
#include "ctl/setup/init.h"

#include <unistd.h>

#include "base/rfc3339.h"
#include "ctl/admin/changes.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/signing_keys.h"
#include "ctl/admin/writer_session.h"
#include "ctl/args.h"
#include "ctl/backup/authenticity.h"
#include "ctl/commands.h"
#include "ctl/files/data_folder.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

// The administrators' own command line.
constexpr std::string_view kAdminService = "admin-cli";
constexpr std::string_view kAdminClientId = "platform-admin-cli";

Status AddMissingAdminClient(Admin& admin) {
  const auto platform = FindOrganization(admin, "platform");
  if (!platform.ok()) return platform.error();
  const auto service = FindService(admin, *platform, kAdminService);
  if (service.ok()) return {};
  if (service.error().code() != Code::kNotFound) return service.error();
  return AddService(admin, *platform,
                    CommandLineService(std::string(kAdminService), "Latchkey administration",
                                       std::string(kAdminClientId)))
      .status();
}

// kExists: the folder has an owner already.
Status RefuseSecondInit(const DataFolder& folder) {
  Admin admin(folder.settings, OutputFormat::kTable);
  const auto owners = ListPlatformOwners(admin);
  if (!owners.ok() || owners->empty()) return {};
  return {Code::kExists, ShortPath(folder.settings.data_dir) +
                             " is initialised already (platform owner " +
                             owners->front().user_email +
                             "): nothing was changed. A new password: `latchkey user "
                             "reset --org platform " +
                             owners->front().user_email + "`"};
}

// Without --public-url the settings say it; their default is no address for others.
Result<std::string> ChosenPublicUrl(const Args& args, const DataFolder& folder) {
  if (args.Has("--public-url")) return NormalizePublicUrl(args.Text("--public-url"));
  const base::Settings& settings = folder.settings;
  if (settings.public_url != "http://127.0.0.1:" + std::to_string(settings.port)) {
    return settings.public_url;
  }
  return Status(Code::kInvalid,
                "no address yet: give --public-url https://login.example.com, or set public_url "
                "in " +
                    ShortPath(folder.config_path));
}

// The file decides; init only writes it where there is none.
Status SettlePublicUrl(const std::string& public_url, DataFolder* folder) {
  if (::access(folder->config_path.c_str(), F_OK) != 0) {
    folder->settings.public_url = public_url;
    return WriteSettingsFile(folder->config_path, public_url);
  }
  if (folder->settings.public_url == public_url) return {};
  return {Code::kConflict, folder->config_path + " (or LATCHKEY_PUBLIC_URL) says public_url = " +
                               folder->settings.public_url +
                               ": change it there, or give the same URL here"};
}

struct Owner {
  records::UserRow user;
  PasswordLink link;
};

Result<Owner> AddOwner(Admin& admin, const std::string& email) {
  const auto platform = FindOrganization(admin, "platform");
  if (!platform.ok()) return platform.error();
  auto user = FindUser(admin, *platform, email);
  if (!user.ok()) user = AddUser(admin, *platform, email, std::nullopt);
  if (!user.ok()) return user.error();
  if (Status status = AddMembership(admin, *user, platform->id, records::Role::kOwner);
      !status.ok()) {
    return status;
  }
  auto link = AddPasswordLink(admin, *user);
  if (!link.ok()) return link.error();
  return Owner{std::move(*user), std::move(*link)};
}

// How to start what serves this folder.
std::string StartText(const DataFolder& folder) {
  if (folder.config_path == kInstalledConfig) return "systemctl enable --now latchkey.target";
  return CommandText() + " --data " + ShortPath(folder.settings.data_dir) + " run";
}

void Print(const Output& output, const DataFolder& folder, const Owner& owner) {
  const std::string data = ShortPath(folder.settings.data_dir);
  output.Note("Initialised " + data + " for " + folder.settings.public_url + "\n");
  output.Done(
      "  settings    " + ShortPath(folder.config_path) + "\n" + "  master key  " +
          ShortPath(folder.settings.MasterKeyPath()) + "  (back it up apart from the database)\n" +
          "  owner       " + owner.user.email + "\n\n" +
          "Once the server runs, this link sets the owner's password. It works once, and ends in " +
          DurationText(base::seconds(folder.settings.password_link_s)) + ":\n\n  " +
          owner.link.url + "\n\n" + "Next: " + StartText(folder),
      {{"data_dir", folder.settings.data_dir},
       {"public_url", folder.settings.public_url},
       {"owner", owner.user.email},
       {"link", owner.link.url},
       {"expires_at", base::Rfc3339(owner.link.expires_at)}});
}

Status Init(const Args& args, Context& context) {
  const auto email = NormalizeEmail(args.Text("--owner"));
  if (!email.ok()) return email.error();
  auto folder = FindDataFolder(context);
  if (!folder.ok()) return folder.error();
  const auto public_url = ChosenPublicUrl(args, *folder);
  if (!public_url.ok()) return public_url.error();
  if (Status status = EnterDataFolder(*folder); !status.ok()) return status;
  if (Status status = RefuseSecondInit(*folder); !status.ok()) return status;
  if (Status status = SettlePublicUrl(*public_url, &*folder); !status.ok()) return status;
  auto session = WriterSession::Open(folder->settings, folder->config_path, context.output);
  if (!session.ok()) return session.error();
  Admin& admin = session->admin();
  if (Status status = InitialiseThrough(admin); !status.ok()) return status;
  const auto owner = AddOwner(admin, *email);
  if (!owner.ok()) return owner.error();
  Print(admin.output(), *folder, *owner);
  return {};
}

}  // namespace

Status InitialiseThrough(Admin& admin) {
  if (const auto made = AddMissingKeys(admin, records::kPlatformOrganizationId); !made.ok()) {
    return made.error();
  }
  if (Status status = KeepBackupKey(admin.settings(), LoadBackupKeys(admin.settings()));
      !status.ok()) {
    return status;
  }
  return AddMissingAdminClient(admin);
}

void RegisterInit(CLI::App& app, Context& context) {
  CLI::App& command = AddCommand(
      app, context,
      {"init", "set up a data folder: settings, master key, signing keys, the platform owner",
       "latchkey init --public-url https://login.example.com --owner you@example.com\n"
       "latchkey --data /srv/latchkey init --public-url https://login.example.com --owner "
       "you@example.com"},
      &Init);
  AddText(command, "--public-url", "URL",
          "the address people and apps use; default: that of the settings file");
  AddRequired(command, "--owner", "EMAIL", "who administers the platform");
}

}  // namespace ctl
