#include "wire/backup_call.h"

#include "wire/command_io.h"

namespace wire {

namespace {

base::milliseconds Now() { return base::SystemClock().SinceBoot(); }

}  // namespace

base::Result<BackupCall> BackupCall::Ask(const std::string& socket_path,
                                         base::milliseconds timeout) {
  const base::milliseconds deadline = Now() + timeout;
  auto fd = ConnectAsCommand(socket_path, {}, std::nullopt, deadline);
  if (!fd.ok()) return fd.error();
  base::Status status = SendFrameBy(fd->get(), EncodeBackup(), deadline);
  if (!status.ok()) return status;
  return BackupCall(std::move(*fd));
}

base::Result<BackupProgress> BackupCall::Next(base::milliseconds timeout) {
  const auto frame = ReceiveFrameBy(fd_.get(), buffer_.get(), Now() + timeout);
  if (!frame.ok()) return frame.error();
  return ParseProgress(*frame);
}

}  // namespace wire
