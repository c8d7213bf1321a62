// The copy of the database that becomes a backup: through the writer that serves it, or from the file
// where none does. Lives on main's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/os/unique_fd.h"
#include "base/settings.h"
#include "base/status.h"
#include "wire/backup_call.h"

namespace ctl {

// How far it is, in pages.
using CopyProgress = std::function<void(std::int64_t copied, std::int64_t total)>;

// The copy while it lies beside the database, in the folder where the owner of the data alone may
// write: there it is checked and its MAC is taken, for who may write at the target could put
// anything in its place. What is left of it goes with this object. Move-only; the functions that
// say nothing else are for the owner of the data.
class StagedCopy {
 public:
  // Complete in itself, not checked, not synced. Where a writer runs it makes the copy, and makes
  // no other one meanwhile; where none runs the file is read in one read transaction, so that a
  // writer that starts meanwhile does no harm; nothing is upgraded. kNotFound, kUnavailable: no
  // database; kConflict: another backup is being made; kFull: no room beside the database.
  static base::Result<StagedCopy> Make(const base::Settings& settings,
                                       const CopyProgress& progress);
  StagedCopy(StagedCopy&&) = default;
  StagedCopy& operator=(StagedCopy&&) = delete;
  StagedCopy(const StagedCopy&) = delete;
  ~StagedCopy();

  const std::string& path() const { return path_; }
  // Of the copy, wherever it lies.
  int fd() const { return fd_.get(); }

  // As the caller: makes `path`, mode 0600, belonging to us, not synced yet. An error leaves nothing of ours there.
  base::Status MoveTo(const std::string& path);
  // As the caller: whether it is the copy that lies at `path`. kConflict: something else does.
  base::Status CheckIsAt(const std::string& path) const;

 private:
  StagedCopy(std::string path, base::UniqueFd fd, std::optional<wire::BackupCall> call,
             base::UniqueFd lock)
      : path_(std::move(path)),
        fd_(std::move(fd)),
        call_(std::move(call)),
        lock_(std::move(lock)) {}

  static base::Result<StagedCopy> FromWriter(const base::Settings& settings,
                                             const CopyProgress& progress);
  static base::Result<StagedCopy> FromFile(const base::Settings& settings,
                                           const CopyProgress& progress);

  std::string path_;
  base::UniqueFd fd_;
  base::UniqueFd staged_;  // where the bytes went elsewhere: what they were copied from
  std::optional<wire::BackupCall> call_;  // the writer's copy is ours as long as it lives
  base::UniqueFd lock_;                   // against another command, where no writer runs
};

// Copies what `from` holds from its start into a new file, mode 0600, and gives that. An error leaves nothing there.
base::Result<base::UniqueFd> CopyIntoNewFile(int from, const std::string& path);

}  // namespace ctl
