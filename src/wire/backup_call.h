// The command's end of a backup: asks the writer for a copy of the database, hears how far it is. The
// copy belongs to this connection: while it lives, nobody else gets one, and the writer removes what is
// left of it afterwards. Move-only; not thread-safe. Source: docs/wire-protocol.md "A backup".
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/os/unique_fd.h"
#include "base/status.h"
#include "wire/frame.h"
#include "wire/frame_io.h"

namespace wire {

class BackupCall {
 public:
  // kUnavailable: nobody listens.
  static base::Result<BackupCall> Ask(const std::string& socket_path, base::milliseconds timeout);

  // Waits for the next word of the writer. kUnavailable: none within `timeout`, or it closed the
  // connection (it stops, or is an older version that knows no backups).
  base::Result<BackupProgress> Next(base::milliseconds timeout);

 private:
  explicit BackupCall(base::UniqueFd fd)
      : fd_(std::move(fd)), buffer_(std::make_unique<FrameBuffer>()) {}

  base::UniqueFd fd_;
  std::unique_ptr<FrameBuffer> buffer_;
};

}  // namespace wire
