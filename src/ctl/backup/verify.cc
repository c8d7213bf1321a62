// `latchkey verify`: what a backup file is worth.

#include "ctl/args.h"
#include "ctl/backup/backup_facts.h"
#include "ctl/commands.h"
#include "ctl/keys/key_check.h"
#include "ctl/print/output.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

Status Verify(const Args& args, Context& context) {
  const auto settings = context.LoadSettings();
  if (!settings.ok()) return settings.error();
  const std::string path = args.Text("file");
  const auto facts = store::CheckBackup(path);
  if (!facts.ok()) return facts.error();
  const auto key = crypto::MasterKey::Load(settings->MasterKeyPath());
  Status opens = key.ok() ? CheckKeyOpens(*key, path) : Status();
  if (!opens.ok() && opens.code() != Code::kConflict) return opens;
  const std::string verdict = !key.ok()    ? "not checked: " + key.error().message()
                              : opens.ok() ? "opens it"
                                           : "does not open it";
  JsonObject object = FactsJson(path, *facts);
  object.push_back({"master_key", verdict});
  Output(context.output).Done(FactsText(path, *facts) + "\nmaster key: " + verdict, object);
  if (opens.ok()) return {};
  return {Code::kConflict, opens.message() + ": find the master key that belongs to it"};
}

}  // namespace

void RegisterVerify(CLI::App& app, Context& context) {
  CLI::App& command =
      AddCommand(app, context,
                 {"verify", "read all of a backup, and say whether it and the master key are good",
                  "latchkey verify /mnt/backup/latchkey-20261127T031500Z.db\n"
                  "latchkey --data /srv/latchkey --json verify before-the-move.db"},
                 &Verify);
  AddRequired(command, "file", "FILE", "made by `latchkey backup`");
}

}  // namespace ctl
