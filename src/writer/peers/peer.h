// One connection to the writer and what is known of its sender. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/os/unique_fd.h"
#include "base/os/unix_socket.h"
#include "base/status.h"
#include "records/audit/audit.h"
#include "records/writes.h"
#include "wire/frame.h"
#include "wire/frame_io.h"

namespace writer {

// A record taken from a peer, complete and permitted.
struct QueuedRecord {
  std::uint64_t peer = 0;  // Peer::serial(); the peer may be gone by the time of the answer
  std::uint64_t correlation = 0;
  base::milliseconds deadline{0};  // since boot
  records::Write write;
  records::RecordSource origin = {};
};

// Who may connect, by the user of the process at the other end.
struct Admission {
  uid_t own_uid = 0;
  std::optional<uid_t> web_uid;  // the pools' user, where it is not the writer's own

  // nullopt: refuse the connection.
  std::optional<records::Sender> SenderOf(uid_t uid) const;
};

class Peer {
 public:
  Peer(std::uint64_t serial, base::UniqueFd fd, base::Peer who, records::Sender sender);

  std::uint64_t serial() const { return serial_; }
  int fd() const { return fd_.get(); }
  const base::Peer& who() const { return who_; }
  const std::string& name() const { return name_; }  // as its HELLO says

  // Takes one frame that it sent: appends its records to `out`, all or none; but one with a text that is
  // none, or for an address that is none, is answered kInvalid and left out, if it is right in all else. On an
  // error the connection is to be closed: kCorrupt, kInvalid (wire version), kDenied (not its record to send).
  base::Status Accept(std::span<const std::uint8_t> frame, std::vector<QueuedRecord>* out);
  // True once after a frame that asked for a backup.
  bool TakeBackupRequest() { return std::exchange(asked_for_backup_, false); }

  // Gathers one answer. false: the connection took none of it and is to be closed.
  [[nodiscard]] bool Reply(const wire::ResultEntry& entry);
  [[nodiscard]] bool FlushReplies();
  bool has_replies() const { return !replies_.empty(); }

 private:
  base::Status AcceptHello(std::span<const std::uint8_t> frame);
  base::Status AcceptRecords(std::span<const std::uint8_t> frame, std::vector<QueuedRecord>* out);
  base::Status Judge(const wire::RecordView& view, const base::Status& decoded) const;
  base::Status Refuse(std::span<const std::uint64_t> correlations);
  base::Status AcceptBackup(std::span<const std::uint8_t> frame);

  std::uint64_t serial_;
  base::UniqueFd fd_;
  base::Peer who_;
  records::Sender sender_;
  std::string name_;
  std::string operator_name_;  // with the uid, of which the kernel knows
  bool said_hello_ = false;
  bool asked_for_backup_ = false;
  wire::FrameBuilder replies_{wire::FrameType::kResults};
};

}  // namespace writer
