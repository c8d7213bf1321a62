// What the administrative subcommands work with: reads by a read-only connection of their own,
// writes only through the writer. Lives on main's thread; the database is opened at the first read.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/settings.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/print/output.h"
#include "records/writes.h"
#include "store/admin_reader.h"

namespace ctl {

// What to say for each refusal; an empty one means the record has no such refusal.
struct Refusals {
  std::string not_found;
  std::string exists;
  std::string conflict;
  std::string denied;
};

class Admin {
 public:
  // kInvalid: the settings are wrong.
  static base::Result<Admin> Open(const Context& context);
  Admin(base::Settings settings, OutputFormat format)
      : settings_(std::move(settings)),
        output_(format),
        socket_path_(settings_.RunPath("writer.sock")),
        random_(std::make_unique<crypto::SystemRandom>()) {}

  // Where the writer listens; by default run_dir/writer.sock.
  void UseSocket(std::string path) { socket_path_ = std::move(path); }

  const base::Settings& settings() const { return settings_; }
  const Output& output() const { return output_; }
  domain::Random& random() { return *random_; }
  base::Time Now() const { return base::SystemClock().Now(); }

  template <class IdType>
  IdType NewId() {
    return IdType{crypto::NewUuidV7(Now(), *random_)};
  }

  // SHA-256. The module that hashes wants the master key for it: errors are those of reading that
  // file.
  base::Result<records::Sha256> Hash(base::ByteView bytes);

  // kUnavailable: no database yet, says how to make one. The pointer lives as long as this object.
  base::Result<domain::AdminReader*> Reader();

  // Durable when it returns a result. A refusal becomes its sentence; kUnavailable says whether the
  // writer is not running or did not answer in time.
  base::Result<records::WriteResult> Write(const records::Write& write, const Refusals& refusals);

 private:
  base::Settings settings_;
  Output output_;
  std::string socket_path_;
  std::unique_ptr<crypto::SystemRandom> random_;
  std::unique_ptr<crypto::OpenSslHashes> hashes_;
  std::unique_ptr<store::SqliteAdminReader> reader_;
};

// A subcommand whose action reads or changes the server's data (see args.h).
using AdminAction = base::Status (*)(const Args& args, Admin& admin);
CLI::App& AddCommand(CLI::App& parent, Context& context, const CommandSpec& spec,
                     AdminAction action);

// kConflict: the writer's socket is not that of whom we act as. To root the socket is another
// user's word, as all that lies in the data folder: it may lead to another server.
base::Status CheckWritersSocket(const base::Settings& settings);

// True where a writer has shown life within heartbeat_old_ms and accepts connections. (A socket
// alone proves nothing: `latchkey run` opens it before there is a writer.)
bool WriterIsRunning(const base::Settings& settings);

}  // namespace ctl
