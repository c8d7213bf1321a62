// The writer's one page of shared memory: what it tells every other process without being asked.
// Written by the writer alone, read by all through lock-free atomics; the file is never replaced.
// Layout: 64-bit words in the order of WriterGauge (docs/wire-protocol.md). Thread-safe and process-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/os/mapped_file.h"

namespace shm {

inline constexpr std::uint64_t kPageLayoutVersion = 1;
inline constexpr std::size_t kPageBytes = 4096;

enum class WriterState : std::uint64_t {
  kDown = 0,
  kServing = 1,
  kRestarting = 2,
  kWalFull = 3,
  kDiskFull = 4
};

// "serving", "wal_full"; for logs. (`latchkey status` has words for people.)
std::string_view ToText(WriterState state);

enum class WriterGauge : std::size_t {
  kLayoutVersion,
  kHeartbeatMs,  // CLOCK_BOOTTIME, ms, at the last turn of the commit loop
  kState,        // WriterState
  kDirectoryGeneration,
  kPid,
  kQueueDepth,  // records waiting at the last turn
  kBatches,     // committed since start
  kRecords,     // committed since start
  kRecordsRefused,
  kLastBatchRecords,
  kLastCommitMicros,
  kLongestCommitMicros,
  kCommitMicrosTotal,
  kWalFrames,  // in the WAL after the last commit or checkpoint
  kWalFramesLongest,
  kCheckpoints,
  kCheckpointsBusy,
  kLastCheckpointMicros,
  kLongestCheckpointMicros,
  kExpiredRows,
  kPeers,
  kStartedAtMs,  // Unix ms
  kLogLinesDropped,
  kCpuMicros,  // since the process's start; this and the next once a second
  kResidentBytes,
  kCount,
};

class WriterPage {
 public:
  // Reader's view. An invalid page (file missing) reads as all zeros: state kDown.
  static WriterPage OpenForReading(const std::string& path);
  // Writer's view; makes the file where it is missing.
  static base::Result<WriterPage> OpenForWriting(const std::string& path);

  std::uint64_t Get(WriterGauge gauge) const;
  void Set(WriterGauge gauge, std::uint64_t value);      // writer only
  void RaiseTo(WriterGauge gauge, std::uint64_t value);  // writer only: max
  void Add(WriterGauge gauge, std::uint64_t delta);      // writer only

  WriterState state() const { return static_cast<WriterState>(Get(WriterGauge::kState)); }
  std::uint64_t generation() const { return Get(WriterGauge::kDirectoryGeneration); }
  // True while the last heartbeat is younger than `old`.
  bool IsAlive(base::milliseconds now_since_boot, base::milliseconds old) const;
  // A page opened before the writer ever started maps itself once the file is there. Cheap when
  // mapped.
  void MapIfMissing();

 private:
  std::string path_;
  base::MappedFile file_;
};

}  // namespace shm
