#include <string_view>
#include <thread>

#include "wire/client.h"
#include "wire/command_io.h"
#include "wire/frame.h"

namespace wire {

namespace {

using base::Code;
using base::milliseconds;
using base::Result;
using base::Status;

// A writer that restarts closes the connection once, one that crashes perhaps twice.
constexpr int kAttempts = 3;
constexpr milliseconds kPause{50};
constexpr std::uint64_t kCorrelation = 1;

milliseconds Now() { return base::SystemClock().SinceBoot(); }

Result<records::WriteResult> ReceiveResultBy(int fd, milliseconds deadline) {
  FrameBuffer buffer;
  for (;;) {
    const auto frame = ReceiveFrameBy(fd, &buffer, deadline);
    if (!frame.ok()) return frame.error();
    const auto results = ParseResults(*frame);
    if (!results.ok()) return results.error();
    for (const ResultEntry& entry : *results) {
      if (entry.correlation == kCorrelation) return entry.result;
    }
  }
}

Result<records::WriteResult> CallOnce(const std::string& socket_path,
                                      std::string_view operator_name, std::optional<uid_t> owner,
                                      std::string_view frame, milliseconds deadline) {
  const auto fd = ConnectAsCommand(socket_path, operator_name, owner, deadline);
  if (!fd.ok()) return fd.error();
  if (Status status = SendFrameBy(fd->get(), frame, deadline); !status.ok()) return status;
  return ReceiveResultBy(fd->get(), deadline);
}

}  // namespace

Result<records::WriteResult> Call(const std::string& socket_path, const records::Write& write,
                                  milliseconds timeout, std::string_view operator_name,
                                  std::optional<uid_t> socket_owner) {
  const milliseconds deadline = Now() + timeout;
  std::string entry;
  Status status = AppendRecordEntry(kCorrelation, deadline, write, &entry);
  if (!status.ok()) return status;
  FrameBuilder frame(FrameType::kRecords);
  if (!frame.Add(entry)) return Status(Code::kInvalid, "record is too long");
  auto result = CallOnce(socket_path, operator_name, socket_owner, frame.bytes(), deadline);
  for (int i = 1; i < kAttempts && !result.ok() && Now() + kPause < deadline; ++i) {
    std::this_thread::sleep_for(kPause);
    result = CallOnce(socket_path, operator_name, socket_owner, frame.bytes(), deadline);
  }
  return result;
}

}  // namespace wire
