// What `latchkey status` knows, gathered once and printed as tables or JSON. Lives on main's
// thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/settings.h"
#include "ctl/backup/last_backup.h"
#include "ctl/print/json.h"
#include "ctl/status/process_info.h"
#include "metrics/counters.h"
#include "shm/writer_page.h"

namespace ctl {

// One of latchkey's services: its process and, with it, its children.
struct ServiceProcess {
  std::string name;            // one of ServiceNames
  std::optional<pid_t> pid;    // absent: not running
  std::int64_t processes = 0;  // with children
  base::seconds uptime{0};
  std::optional<std::uint64_t> pss_bytes;  // of all of them; absent: not ours to read
};

struct WriterReport {
  shm::WriterState state = shm::WriterState::kDown;
  bool alive = false;  // its heartbeat is young
  base::milliseconds heartbeat_age{0};
  std::uint64_t directory_generation = 0;
  std::uint64_t queue_depth = 0;
  std::uint64_t peers = 0;
  std::uint64_t batches = 0, records = 0, records_refused = 0;
  std::uint64_t last_batch_records = 0;
  std::uint64_t last_commit_us = 0, longest_commit_us = 0, commit_us_total = 0;
  std::uint64_t checkpoints = 0, checkpoints_busy = 0;
  std::uint64_t last_checkpoint_us = 0, longest_checkpoint_us = 0;
  std::uint64_t wal_frames = 0, wal_frames_most = 0;
  std::uint64_t expired_rows = 0;
  std::int64_t started_at_ms = 0;
};

// What requests that kill the child which works on them have done since shared.tables was made
// (docs/security.md "A poisonous request").
struct PoisonReport {
  std::uint64_t deaths = 0;
  // Of requests that a child had died of, and of others from their networks.
  std::uint64_t requests_refused = 0, network_requests_refused = 0;
};

struct StatusReport {
  std::string data_dir, run_dir, public_url;
  std::vector<ServiceProcess> services;
  WriterReport writer;
  std::optional<std::uint64_t> database_bytes, wal_bytes;  // absent: no such file
  std::optional<LastBackup> last_backup;
  std::optional<PoisonReport> poison;  // absent: no pool has run, or its tables cannot be read
  base::Time now;

  // The writer answers and all of ours run; nginx may be elsewhere.
  bool serving() const;
};

StatusReport GatherStatus(const base::Settings& settings);
// `latchkey run` itself.
inline constexpr std::string_view kSupervisorName = "run";
// It and the processes of base/processes.h. Each has a pid file of its name in run_dir, or is a unit of systemd;
// descendants of `run` are counted with their own service.
std::vector<std::string> ServiceNames();

// Parts of it: a service with its descendants, empty where it is not running, `all` being all processes of the
// machine; the writer's page; the counters of the children.
std::vector<ProcessInfo> ServiceFamily(const base::Settings& settings,
                                       const std::vector<ProcessInfo>& all,
                                       const std::string& name);
WriterReport ReadWriter(const base::Settings& settings, base::milliseconds since_boot);
PoisonReport PoisonOf(const metrics::Counts& counts);

std::string StatusText(const StatusReport& report);
JsonObject ToJson(const StatusReport& report);

// "serving", "down", "restarting", …; a writer whose heartbeat is old is "silent".
std::string_view StateWord(const WriterReport& writer);

}  // namespace ctl
