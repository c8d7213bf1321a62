// One function a subcommand, each in the file of its name; main.cc has them in a table.
#pragma once

#include "ctl/command.h"

namespace ctl {

void RegisterRun(CLI::App& app, Context& context);
void RegisterStop(CLI::App& app, Context& context);
void RegisterNginxSite(CLI::App& app, Context& context);
void RegisterNftables(CLI::App& app, Context& context);
void RegisterHelp(CLI::App& app, Context& context);
void RegisterSettings(CLI::App& app, Context& context);
void RegisterRoutes(CLI::App& app, Context& context);
void RegisterInit(CLI::App& app, Context& context);
void RegisterOrg(CLI::App& app, Context& context);
void RegisterDomain(CLI::App& app, Context& context);
void RegisterService(CLI::App& app, Context& context);
void RegisterPlan(CLI::App& app, Context& context);
void RegisterUser(CLI::App& app, Context& context);
void RegisterSubscription(CLI::App& app, Context& context);
void RegisterGrant(CLI::App& app, Context& context);
void RegisterKeys(CLI::App& app, Context& context);
void RegisterBackup(CLI::App& app, Context& context);
void RegisterVerify(CLI::App& app, Context& context);
void RegisterRestore(CLI::App& app, Context& context);
void RegisterUpgrade(CLI::App& app, Context& context);
void RegisterDemo(CLI::App& app, Context& context);
void RegisterStatus(CLI::App& app, Context& context);
void RegisterTop(CLI::App& app, Context& context);
void RegisterDoctor(CLI::App& app, Context& context);
void RegisterExplain(CLI::App& app, Context& context);
void RegisterLogin(CLI::App& app, Context& context);
void RegisterAudit(CLI::App& app, Context& context);

}  // namespace ctl
