// `latchkey demo`: an organization to try the server with, and what to try first.
#include <unistd.h>

#include <chrono>
#include <optional>

#include "base/os/owner.h"
#include "ctl/admin/changes.h"
#include "ctl/admin/lookup.h"
#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/files/data_folder.h"
#include "ctl/files/demo_env.h"
#include "ctl/setup/demo_text.h"
#include "ctl/setup/init.h"
#include "ctl/setup/secrets.h"
#include "supervisor/environment.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr std::string_view kPlan = "pro";

DemoEnv DrawDemo(Admin& admin) {
  return {.url = admin.settings().public_url,
          .org = "acme",
          .service = "cli",
          .client_id = "acme-cli",
          .email = "alice@acme.example",
          .password = DrawPassword(admin.random()),
          .owner_email = "owner@platform.example",
          .owner_password = DrawPassword(admin.random())};
}

// What was found, or what `add` makes where nothing was.
template <class Row, class Add>
Result<Row> OrAdd(Result<Row> found, Add add) {
  if (found.ok() || found.error().code() != Code::kNotFound) return found;
  return add();
}

Result<records::PlanRow> SeedService(Admin& admin, const DemoEnv& env,
                                     const records::OrganizationRow& org) {
  const auto service =
      OrAdd(FindService(admin, org, env.service), [&]() -> Result<records::ServiceWithClient> {
        auto added =
            AddService(admin, org, CommandLineService(env.service, "Acme CLI", env.client_id));
        if (!added.ok()) return added.error();
        return records::ServiceWithClient{std::move(added->service), std::move(added->client)};
      });
  if (!service.ok()) return service.error();
  return OrAdd(FindPlan(admin, service->service, kPlan), [&] {
    return AddPlan(admin, service->service,
                   {.name = std::string(kPlan),
                    .price_cents = 900,
                    .currency = "usd",
                    .features = {"sync", "export"}});
  });
}

Status SeedAcme(Admin& admin, const DemoEnv& env) {
  const auto org = OrAdd(FindOrganization(admin, env.org),
                         [&] { return AddOrganization(admin, env.org, "Acme Inc."); });
  if (!org.ok()) return org.error();
  const auto plan = SeedService(admin, env, *org);
  if (!plan.ok()) return plan.error();
  const auto user = OrAdd(FindUser(admin, *org, env.email),
                          [&] { return AddUser(admin, *org, env.email, env.password); });
  if (!user.ok()) return user.error();
  const auto subscription =
      AddSubscription(admin, *user, *plan, records::SubscriptionStatus::kActive,
                      admin.Now() + std::chrono::days(365));
  return subscription.ok() || subscription.error().code() == Code::kExists ? Status()
                                                                           : subscription.error();
}

Status SeedOwner(Admin& admin, const DemoEnv& env) {
  const auto platform = FindOrganization(admin, "platform");
  if (!platform.ok()) return platform.error();
  const auto user = OrAdd(FindUser(admin, *platform, env.owner_email), [&] {
    return AddUser(admin, *platform, env.owner_email, env.owner_password);
  });
  if (!user.ok()) return user.error();
  const Status status = AddMembership(admin, *user, platform->id, records::Role::kOwner);
  return status.code() == Code::kExists ? Status() : status;
}

// The passwords are on disk before they are in the database, so that a start that was cut short is
// finished by the next one.
Result<DemoEnv> DraftOf(Admin& admin, const std::string& draft_path) {
  auto draft = ReadDemoEnv(draft_path);
  if (draft.ok()) return draft;
  DemoEnv env = DrawDemo(admin);
  if (Status status = WriteDemoEnv(draft_path, env); !status.ok()) return status;
  return env;
}

Result<DemoEnv> Seed(Admin& admin, const std::string& path) {
  const std::string draft_path = path + ".draft";
  auto env = DraftOf(admin, draft_path);
  if (!env.ok()) return env.error();
  if (Status status = InitialiseThrough(admin); !status.ok()) return status;
  if (Status status = SeedAcme(admin, *env); !status.ok()) return status;
  if (Status status = SeedOwner(admin, *env); !status.ok()) return status;
  env->url = admin.settings().public_url;
  if (Status status = WriteDemoEnv(path, *env); !status.ok()) return status;
  ::unlink(draft_path.c_str());
  return env;
}

// The address may differ from start to start (PORT).
Result<DemoEnv> Refresh(DemoEnv env, const Admin& admin, const std::string& path) {
  if (env.url == admin.settings().public_url) return env;
  env.url = admin.settings().public_url;
  if (Status status = WriteDemoEnv(path, env); !status.ok()) return status;
  return env;
}

bool HasDraft(const std::string& path) { return ::access((path + ".draft").c_str(), F_OK) == 0; }

Result<std::optional<DemoEnv>> FindOrSeed(Admin& admin) {
  using Found = Result<std::optional<DemoEnv>>;
  const std::string path = DemoEnvPath(admin.settings().data_dir);
  auto env = ReadDemoEnv(path);
  if (env.ok()) {
    env = Refresh(std::move(*env), admin, path);
  } else if (env.error().code() == Code::kNotFound) {
    // A folder that `latchkey init` set up is a real one: no account with a known password goes
    // there.
    const auto owners = ListPlatformOwners(admin);
    if (!owners.ok()) return owners.error();
    if (!owners->empty() && !HasDraft(path)) return Found(std::nullopt);
    env = Seed(admin, path);
  }
  if (!env.ok()) return env.error();
  return Found(std::move(*env));
}

Status Demo(const Args&, Context& context) {
  auto folder = FindDataFolder(context);
  if (!folder.ok()) return folder.error();
  if (Status status = base::BecomeOwner(folder->settings.data_dir); !status.ok()) return status;
  Admin admin(folder->settings, context.output);
  const auto env = FindOrSeed(admin);
  if (!env.ok()) return env.error();
  const DemoPlace place = PlaceOfDemo(folder->settings);
  if (!env->has_value()) {
    admin.output().Done(AddressText(place), {{"url", place.url}});
    return {};
  }
  admin.output().Done(WelcomeText(**env, place), ToJson(**env));
  return {};
}

}  // namespace

void RegisterDemo(CLI::App& app, Context& context) {
  AddCommand(app, context,
             {"demo", "seed an organization to try, on a server that runs; print how to use it",
              "latchkey run --demo\nlatchkey demo"},
             &Demo);
}

}  // namespace ctl
