#include "metrics/writer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace metrics {

namespace {

using shm::WriterGauge;

enum class Unit : std::uint8_t { kNumber, kMicros, kMillis };

struct WriterFamily {
  WriterGauge gauge;
  Unit unit;
  std::string_view name, type, help;
};

constexpr std::array kWriterFamilies{
    WriterFamily{WriterGauge::kQueueDepth, Unit::kNumber, "latchkey_writer_queue_depth", "gauge",
                 "Records that waited at the writer's last turn."},
    WriterFamily{WriterGauge::kPeers, Unit::kNumber, "latchkey_writer_peers", "gauge",
                 "Children and commands connected."},
    WriterFamily{WriterGauge::kBatches, Unit::kNumber, "latchkey_writer_batches_total", "counter",
                 "Transactions committed since the writer's start, one fsync each."},
    WriterFamily{WriterGauge::kRecords, Unit::kNumber, "latchkey_writer_records_total", "counter",
                 "Records committed."},
    WriterFamily{WriterGauge::kRecordsRefused, Unit::kNumber,
                 "latchkey_writer_records_refused_total", "counter",
                 "Records answered unavailable or full."},
    WriterFamily{WriterGauge::kLastBatchRecords, Unit::kNumber,
                 "latchkey_writer_last_batch_records", "gauge", "Records of the last batch."},
    WriterFamily{WriterGauge::kCommitMicrosTotal, Unit::kMicros,
                 "latchkey_writer_commit_seconds_total", "counter", "Time of all commits."},
    WriterFamily{WriterGauge::kLastCommitMicros, Unit::kMicros,
                 "latchkey_writer_last_commit_seconds", "gauge", "Time of the last commit."},
    WriterFamily{WriterGauge::kLongestCommitMicros, Unit::kMicros,
                 "latchkey_writer_longest_commit_seconds", "gauge",
                 "Longest commit since the writer's start."},
    WriterFamily{WriterGauge::kWalFrames, Unit::kNumber, "latchkey_writer_wal_frames", "gauge",
                 "Frames in the WAL, a page each."},
    WriterFamily{WriterGauge::kWalFramesLongest, Unit::kNumber, "latchkey_writer_wal_frames_most",
                 "gauge", "Most frames since the writer's start."},
    WriterFamily{WriterGauge::kCheckpoints, Unit::kNumber, "latchkey_writer_checkpoints_total",
                 "counter", "Checkpoints tried."},
    WriterFamily{WriterGauge::kCheckpointsBusy, Unit::kNumber,
                 "latchkey_writer_checkpoints_busy_total", "counter",
                 "Checkpoints that found readers in the way."},
    WriterFamily{WriterGauge::kLastCheckpointMicros, Unit::kMicros,
                 "latchkey_writer_last_checkpoint_seconds", "gauge",
                 "Time of the last checkpoint."},
    WriterFamily{WriterGauge::kLongestCheckpointMicros, Unit::kMicros,
                 "latchkey_writer_longest_checkpoint_seconds", "gauge",
                 "Longest checkpoint since the writer's start."},
    WriterFamily{WriterGauge::kExpiredRows, Unit::kNumber, "latchkey_writer_expired_rows_total",
                 "counter", "Expired rows removed."},
    WriterFamily{WriterGauge::kDirectoryGeneration, Unit::kNumber,
                 "latchkey_writer_directory_generation", "gauge",
                 "Rises with each change of an organization, service, client, plan or key."},
    WriterFamily{WriterGauge::kStartedAtMs, Unit::kMillis, "latchkey_writer_started_at_seconds",
                 "gauge", "Unix time of the writer's start."},
};

}  // namespace

void WriteWriter(const shm::WriterPage& page, base::milliseconds now, base::milliseconds old,
                 Exposition* out) {
  const bool is_alive = page.IsAlive(now, old);
  out->Family("latchkey_writer_up", "gauge", "1 while the writer's heartbeat is young.");
  out->Sample(std::uint64_t{is_alive});
  out->Family("latchkey_writer_heartbeat_age_seconds", "gauge", "Since the writer's last turn.");
  const auto beat = static_cast<std::int64_t>(page.Get(WriterGauge::kHeartbeatMs));
  out->Seconds(1000 * static_cast<std::uint64_t>(std::max<std::int64_t>(now.count() - beat, 0)));
  out->Family("latchkey_writer_state", "gauge", "1 for the state the writer says it is in.");
  for (const auto state :
       {shm::WriterState::kDown, shm::WriterState::kServing, shm::WriterState::kRestarting,
        shm::WriterState::kWalFull, shm::WriterState::kDiskFull}) {
    out->Sample({{"state", shm::ToText(state)}}, std::uint64_t{page.state() == state});
  }
  for (const WriterFamily& family : kWriterFamilies) {
    out->Family(family.name, family.type, family.help);
    const std::uint64_t value = page.Get(family.gauge);
    if (family.unit == Unit::kNumber) out->Sample(value);
    if (family.unit == Unit::kMicros) out->Seconds(value);
    if (family.unit == Unit::kMillis) out->Seconds(1000 * value);
  }
}

}  // namespace metrics
