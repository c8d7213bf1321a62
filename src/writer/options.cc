#include "writer/options.h"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/os/unique_fd.h"
#include "crypto/backup_key.h"

namespace writer {

namespace {

// A batch takes what is queued when the former commit ends; it is gathered so long at most.
constexpr base::milliseconds kBatchTime{5};

// How long a RESTART checkpoint waits for readers; less than half of the least heartbeat_old_ms, for
// the writer is silent meanwhile.
constexpr base::milliseconds kCheckpointBusyWait{20};

// In one idle step.
constexpr std::int64_t kExpiredRowsPerStep = 300;

// At least one page; kStepPause and the page size make megabytes a second of it.
int BackupPagesPerStep(const base::Settings& settings) {
  const std::int64_t bytes_per_ms = (settings.backup_mb_per_s << 20) / 1000;
  const std::int64_t pages =
      bytes_per_ms * BackupService::kStepPause.count() / store::kPageSizeBytes;
  return static_cast<int>(std::max<std::int64_t>(pages, 1));
}

// A data folder of before there was such a key: the snapshot is good without a MAC, and `latchkey
// doctor` says how to make the key.
store::MarkSnapshot MarkSnapshotBy(std::string key_path) {
  return [key_path = std::move(key_path)](const std::string& snapshot) {
    const auto key = crypto::BackupKey::Load(key_path);
    if (!key.ok()) {
      return key.error().code() == base::Code::kNotFound ? crypto::RemoveMac(snapshot)
                                                         : key.error();
    }
    const base::UniqueFd fd(::open(snapshot.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.valid()) return base::ErrnoStatus("open " + snapshot, errno);
    const auto mac = key->Mac(fd.get(), snapshot);
    return mac.ok() ? crypto::WriteMac(snapshot, *mac) : mac.error();
  };
}

}  // namespace

base::Result<Admission> AdmissionFrom(const base::Settings& settings) {
  Admission admission{.own_uid = ::geteuid(), .web_uid = std::nullopt};
  if (settings.web_user.empty()) return admission;
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer;
  ::getpwnam_r(settings.web_user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return base::Status(base::Code::kInvalid,
                        "web_user " + settings.web_user + " is no user of this machine");
  }
  admission.web_uid = found->pw_uid;
  return admission;
}

store::WriterStoreOptions StoreOptionsFrom(const base::Settings& settings, std::uint64_t floor) {
  return {.database = {.path = settings.DatabasePath(), .cache_mb = settings.writer_cache_mb},
          .checkpoints = {.passive_frames = settings.checkpoint_passive_frames,
                          .restart_frames = settings.checkpoint_restart_frames,
                          .busy_wait_us = std::chrono::microseconds(kCheckpointBusyWait).count(),
                          .limit_bytes = settings.wal_limit_mb << 20},
          .sweeps = {.keep = base::seconds(settings.expired_rows_s),
                     .rows_per_step = kExpiredRowsPerStep},
          .limits = {.grants_per_user = settings.grants_per_user,
                     .sessions_per_user = settings.sessions_per_user,
                     .live_codes_per_client = settings.live_device_codes_per_client,
                     .live_codes = settings.live_device_codes},
          .generation_floor = floor,
          .mark_snapshot = MarkSnapshotBy(crypto::BackupKeyPath(settings.data_dir))};
}

store::AuditKeeper::Options AuditOptionsFrom(const base::Settings& settings) {
  return {.seal_after = base::seconds(settings.audit_seal_s),
          .keep = std::chrono::days(settings.audit_retention_days)};
}

CommitLoopOptions LoopOptionsFrom(const base::Settings& settings) {
  return {.batch_records = static_cast<std::size_t>(settings.batch_records),
          .batch_time = kBatchTime,
          .slow_commit = base::milliseconds(settings.slow_ms),
          .backup_pages_per_step = BackupPagesPerStep(settings)};
}

}  // namespace writer
