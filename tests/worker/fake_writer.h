// A writer for tests: takes frames of records and answers each when it is told to.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "base/os/unique_fd.h"
#include "base/os/unix_socket.h"
#include "wire/codec.h"
#include "wire/frame.h"
#include "wire/frame_io.h"

namespace worker_test {

class FakeWriter {
 public:
  struct Record {
    std::uint64_t correlation = 0;
    records::Write write;
    std::string address = {};
  };

  explicit FakeWriter(const std::string& path) {
    auto fd = base::ListenUnix(path, base::SocketKind::kSeqPacket, 0600, 16);
    if (fd.ok()) listener_ = std::move(*fd);
  }

  // The next record that arrives.
  std::optional<Record> Receive() {
    while (records_.empty()) {
      if (!peer_.valid()) {
        if (!WaitFor(listener_.get())) return std::nullopt;
        peer_.Reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      }
      if (!WaitFor(peer_.get()) || !TakeFrame()) return std::nullopt;
    }
    Record record = std::move(records_.front());
    records_.pop_front();
    return record;
  }

  bool Answer(const Record& record, base::Code code = base::Code::kOk) {
    wire::FrameBuilder frame(wire::FrameType::kResults);
    return frame.Add(
               wire::ResultEntry{.correlation = record.correlation, .result = {.code = code}}) &&
           wire::SendFrame(peer_.get(), frame.bytes()) == wire::Io::kDone;
  }

 private:
  static bool WaitFor(int fd) {
    pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
    return poll(&polled, 1, 20000) == 1;
  }

  bool TakeFrame() {
    const wire::Received received = wire::ReceiveFrame(peer_.get(), &buffer_);
    if (received.io != wire::Io::kDone) return false;
    const auto type = wire::FrameTypeOf(received.frame);
    if (!type.ok() || *type != wire::FrameType::kRecords) return type.ok();
    const auto views = wire::ParseRecords(received.frame);
    if (!views.ok()) return false;
    for (const wire::RecordView& view : *views) {
      auto write = wire::DecodeRecord(view.record);
      if (!write.ok()) return false;
      records_.push_back({view.correlation, std::move(*write), std::string(view.address)});
    }
    return true;
  }

  base::UniqueFd listener_, peer_;
  wire::FrameBuffer buffer_{};
  std::deque<Record> records_;
};

}  // namespace worker_test
