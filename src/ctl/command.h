// What every subcommand of `latchkey` shares: where the settings come from, how results are printed
// and how a command ends. Lives on main's thread; not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/settings.h"
#include "base/status.h"

namespace CLI {
class App;
}

namespace ctl {

inline constexpr std::string_view kVersion = "0.1.0";

// The settings of an installed Latchkey, which its systemd units name as well.
inline constexpr std::string_view kInstalledConfig = "/etc/latchkey/latchkey.toml";

inline constexpr std::string_view kInstalledRunDir = "/run/latchkey";

// Exit codes, the same for every subcommand.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // the command was understood and did not work
inline constexpr int kExitUsage = 2;   // unknown option, missing argument
inline constexpr int kExitNotFound = 3;
inline constexpr int kExitConflict = 4;
inline constexpr int kExitUnavailable = 5;

enum class OutputFormat : std::uint8_t { kTable, kJson };

// Filled by the options of the whole command (main.cc), read by a subcommand's callback.
struct Context {
  // --config, LATCHKEY_CONFIG; empty: see ConfigPath
  std::string config_path;
  std::string data_dir;  // --data, LATCHKEY_DATA_DIR; empty: as the settings say
  OutputFormat output = OutputFormat::kTable;  // --json
  int exit_code = kExitOk;

  bool json() const { return output == OutputFormat::kJson; }
  // DATA as far as it is known without reading a settings file.
  std::string DataDirWithoutFile() const;
  // The file that holds: config_path; else, where no other data folder than its own is named,
  // kInstalledConfig; else DATA/latchkey.toml. Empty: there is none.
  std::string ConfigPath() const;
  // Settings by the options above (base::LoadSettings). A file that no option named, of another user than root, may not
  // lead root to a third user's data: kDenied.
  base::Result<base::Settings> LoadSettings() const;
  // The same, and root acts as the owner of the data from here on (ctl/files/owner.h).
  base::Result<base::Settings> LoadAsOwner() const;
  // LoadAsOwner with the public_url of the server that `latchkey run` runs on this data, which may have
  // been started with other variables than this command.
  base::Result<base::Settings> LoadServedSettings() const;
  // Ends a command: an error goes to standard error as one line, `latchkey: MESSAGE`, and sets
  // exit_code.
  void Finish(const base::Status& status);
};

// A subcommand registers itself in a function of this shape, in a file of its own: it adds a
// CLI::App whose callback does the work and calls context.Finish. Both references outlive the
// parse.
using RegisterFunction = void (*)(CLI::App& app, Context& context);

// Where `latchkey run` keeps its public_url while it runs.
std::string ServedUrlPath(const base::Settings& settings);

}  // namespace ctl
