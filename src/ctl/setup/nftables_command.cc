// `latchkey nftables`: prints the table that bounds connections below nginx (ctl/run/nftables.h), or keeps it.
#include <iostream>

#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/run/nftables.h"
#include "ctl/run/nftables_watch.h"

namespace ctl {

namespace {

constexpr std::int64_t kMostTcpPort = 65535;

base::Status PrintTable(const Context& context, const std::vector<std::int64_t>& ports) {
  const auto settings = context.LoadSettings();
  if (!settings.ok()) return settings.error();
  const auto table = RenderNftables(*settings, ports);
  if (!table.ok()) return table.error();
  std::cout << *table;
  return {};
}

base::Status PrintOrWatch(const Args& args, Context& context) {
  const std::vector<std::int64_t> ports{args.Number("--http-port", 80),
                                        args.Number("--https-port", 443)};
  if (!args.Has("--watch")) return PrintTable(context, ports);
  return WatchConnections([&] { return context.LoadSettings(); }, ports);
}

}  // namespace

void RegisterNftables(CLI::App& app, Context& context) {
  CLI::App& command = AddCommand(
      app, context,
      {"nftables",
       "print the nftables table that bounds the connections of each address, from the settings",
       "systemctl enable --now latchkey-nftables.service     # loads it, now and at each boot\n"
       "latchkey nftables | nft --check --file -"},
      &PrintOrWatch);
  AddFlag(
      command, "--watch",
      "load it, and refuse each second whoever has as many connections as may stand, until SIGTERM "
      "takes it out; needs root");
  AddNumber(command, "--http-port", 1, kMostTcpPort, "PORT", "80 without it");
  AddNumber(command, "--https-port", 1, kMostTcpPort, "PORT", "443 without it");
}

}  // namespace ctl
