// `latchkey verify`: what a backup file is worth.

#include "base/os/owner.h"
#include "ctl/args.h"
#include "ctl/backup/authenticity.h"
#include "ctl/backup/backup_facts.h"
#include "ctl/commands.h"
#include "ctl/keys/key_check.h"
#include "ctl/print/output.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

Status Verify(const Args& args, Context& context) {
  const auto settings = context.LoadAsOwner();
  if (!settings.ok()) return settings.error();
  const std::string path = args.Text("file");
  const auto facts = [&path] {
    const base::AsCaller caller;
    return store::CheckBackup(path);
  }();
  if (!facts.ok()) return facts.error();
  const BackupKeys keys = LoadBackupKeys(*settings);
  const base::AsCaller caller;
  const auto authenticity = AuthenticateFile(keys, path);
  if (!authenticity.ok()) return authenticity.error();
  const auto& key = keys.master;
  Status opens = key.ok() ? CheckKeyOpens(*key, path) : Status();
  if (!opens.ok() && opens.code() != Code::kConflict) return opens;
  Status authentic = StatusOf(*authenticity, keys, path);
  // Another master key fits nothing: that is the better explanation.
  if (*authenticity == Authenticity::kWrong && opens.ok()) return authentic;
  const std::string verdict = !key.ok()    ? "not checked: " + key.error().message()
                              : opens.ok() ? "opens it"
                                           : "does not open it";
  JsonObject object = FactsJson(path, *facts);
  object.push_back({"master_key", verdict});
  const bool is_good = *authenticity == Authenticity::kGood;
  object.push_back({"authenticated", is_good});
  Output(context.output)
      .Done(FactsText(path, *facts) + "\nmaster key: " + verdict +
                (is_good ? "\nauthenticated: " + crypto::MacPath(path) + " fits"
                         : std::string("\nnot authenticated")),
            object);
  if (opens.ok()) return authentic;
  return {Code::kConflict, opens.message() + ": find the master key that belongs to it"};
}

}  // namespace

void RegisterVerify(CLI::App& app, Context& context) {
  CLI::App& command = AddCommand(
      app, context,
      {"verify", "read all of a backup, and say whether it, its MAC and the master key are good",
       "latchkey verify /mnt/backup/latchkey-20261127T031500Z.db\n"
       "latchkey --data /srv/latchkey --json verify before-the-move.db"},
      &Verify);
  AddRequired(command, "file", "FILE", "made by `latchkey backup`");
}

}  // namespace ctl
