// The `latchkey` command: a file per subcommand, all of them in the table below.
#include <CLI/CLI.hpp>
#include <array>
#include <exception>
#include <iostream>
#include <string>

#include "base/os/file_size_limit.h"
#include "base/os/no_core.h"
#include "base/variables.h"
#include "ctl/command.h"
#include "ctl/commands.h"
#include "ctl/print/text.h"

namespace {

constexpr std::array kCommands{
    &ctl::RegisterInit,         &ctl::RegisterRun,      &ctl::RegisterStop,
    &ctl::RegisterStatus,       &ctl::RegisterTop,      &ctl::RegisterDoctor,
    &ctl::RegisterExplain,      &ctl::RegisterOrg,      &ctl::RegisterDomain,
    &ctl::RegisterService,      &ctl::RegisterPlan,     &ctl::RegisterUser,
    &ctl::RegisterSubscription, &ctl::RegisterGrant,    &ctl::RegisterKeys,
    &ctl::RegisterAudit,        &ctl::RegisterBackup,   &ctl::RegisterVerify,
    &ctl::RegisterRestore,      &ctl::RegisterUpgrade,  &ctl::RegisterLogin,
    &ctl::RegisterDemo,         &ctl::RegisterSettings, &ctl::RegisterNginxSite,
    &ctl::RegisterNftables,     &ctl::RegisterRoutes,   &ctl::RegisterHelp,
};

void AddSharedOptions(CLI::App& app, ctl::Context& context) {
  app.fallthrough();  // shared options may stand behind the subcommand too
  app.require_subcommand(1);
  app.set_version_flag("--version", "latchkey " + std::string(ctl::kVersion));
  app.add_option("--config", context.config_path,
                 "settings file; default DATA/latchkey.toml, or that of an installed Latchkey")
      ->envname("LATCHKEY_CONFIG")
      ->type_name("FILE");
  app.add_option("--data", context.data_dir, "data folder; default: the setting data_dir (var)")
      ->type_name("DIR");
  app.add_flag_callback(
      "--json", [&context] { context.output = ctl::OutputFormat::kJson; },
      "print JSON for scripts");
}

// Whatever the command: it would act on other data than was meant, and nobody would say so.
void WarnOfVariables() {
  for (const base::UnknownVariable& variable : base::FindUnknownVariables(base::OwnEnvironment())) {
    std::cerr << "latchkey: warning: the variable " << ctl::Printable(base::Describe(variable))
              << "\n";
  }
}

int Run(int argc, char** argv) {
  ctl::Context context;
  CLI::App app("Latchkey: single sign-on for a suite of products, on one small machine.",
               "latchkey");
  AddSharedOptions(app, context);
  for (const ctl::RegisterFunction add : kCommands) add(app, context);
  WarnOfVariables();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ctl::kExitOk : ctl::kExitUsage;
  }
  return context.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  base::ForbidCores();
  base::FailWritesBeyondTheFileSizeLimit();
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "latchkey: " << error.what() << "\n";
    return ctl::kExitFailed;
  }
}
