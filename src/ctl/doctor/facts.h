// What `latchkey doctor` knows of the machine before it judges: gathered once, by reading alone. Lives on
// main's thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/settings.h"
#include "base/variables.h"
#include "ctl/doctor/site_probe.h"
#include "ctl/status/status_report.h"

namespace ctl {

struct FileFact {
  std::string path;
  mode_t mode = 0;  // permission bits
  uid_t owner = 0;
};

// What nginx runs with, as far as it may be read.
struct NginxFact {
  bool is_readable = false;
  bool is_of_run = false;        // `latchkey run` started it
  std::string where;             // file or command
  std::string version;           // of the parts of Latchkey that it includes; empty: includes none
  std::int64_t api_sockets = 0;  // servers of the api pool in it
};

// The table that bounds connections below nginx (ctl/run/nftables.h).
struct NftablesFact {
  bool is_readable = false;  // root asks
  bool is_loaded = false;
  std::string mark;  // of the settings that it was printed from
};

struct LogFact {
  std::string path;
  std::uint64_t bytes = 0;
};

struct ProcessFact {
  std::string name;                   // of a process that holds clients: "api", "nginx"
  std::int64_t descriptor_limit = 0;  // the hard one
};

// A variable that was meant for us and sets nothing.
struct VariableFact {
  base::UnknownVariable variable;
  std::string where;  // "this command", "writer"
};

struct DoctorFacts {
  base::Settings settings;
  std::string version;  // of this program
  base::Time now;
  StatusReport status;

  std::optional<FileFact> data_dir, database;  // absent: not there
  std::string schema_problem;           // empty: the tables are Latchkey's, or not to be read
  std::optional<base::Time> set_up_at;  // when the master key was made
  bool has_master_key = false;
  std::string signing_keys_problem;  // empty: the master key opens them, or neither could be read
  std::string backup_key_problem;    // empty: it is there, and the master key's where that is known
  std::string master_key_problem;    // empty: it can be read, and only by its owner

  std::optional<std::uint64_t> disk_free_bytes;
  std::optional<std::int64_t> somaxconn;
  std::optional<bool> is_clock_synchronized;  // absent: the kernel does not say
  std::vector<ProcessFact> processes;         // those that hold connections
  std::vector<VariableFact> variables;
  std::int64_t sqlite_version = 0;  // 3040001
  NginxFact nginx;
  std::optional<NftablesFact> nftables;  // absent: not IsInstalledInPublic
  std::vector<LogFact> logs;             // nginx's of an installation, those that are there
  SiteFact site;                         // public_url, asked as a client would
};

// Of an installation (systemd/), which strangers reach: bounds below nginx are for these.
bool IsInstalledInPublic(const base::Settings& settings);

DoctorFacts GatherFacts(const base::Settings& settings);

// Of the text of nginx's configuration, whole (`nginx -T`) or the files of RUN/nginx one after another.
NginxFact ReadNginxText(const std::string& text, const std::string& run_dir);

}  // namespace ctl
