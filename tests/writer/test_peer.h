// A worker's end of the wire for tests of the writer: a real connection, every wait with a
// deadline.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/os/unix_socket.h"
#include "wire/frame.h"
#include "wire/frame_io.h"

namespace writer_test {

inline constexpr base::milliseconds kPatience{20'000};

inline base::milliseconds Now() { return base::SystemClock().SinceBoot(); }

// Waits for what no descriptor tells of.
inline bool Await(const std::function<bool()>& condition) {
  const base::milliseconds end = Now() + kPatience;
  while (!condition()) {
    if (Now() >= end) return false;
    std::this_thread::sleep_for(base::milliseconds(1));
  }
  return true;
}

inline records::Write ProbeNumber(std::uint8_t number) {
  records::Probe probe;
  probe.record_id.bytes[15] = number;
  return probe;
}

class TestPeer {
 public:
  explicit TestPeer(const std::string& path) {
    auto fd = base::ConnectUnix(path, base::SocketKind::kSeqPacket);
    EXPECT_TRUE(fd.ok()) << fd.status().ToString();
    if (fd.ok()) fd_ = std::move(*fd);
  }
  static TestPeer Greeted(const std::string& path) {
    TestPeer peer(path);
    peer.SendRaw(wire::EncodeHello({.name = "test"}));
    return peer;
  }

  void SendRaw(std::string_view frame) {
    // Not asked beforehand: a socket counts as writable only while three quarters of it are free.
    while (wire::SendFrame(fd_.get(), frame) == wire::Io::kWouldBlock) ASSERT_TRUE(Poll(POLLOUT));
  }
  // One frame; correlations count on from the last one, the first is 1. Gives the first of the
  // frame.
  std::uint64_t Send(const std::vector<records::Write>& writes,
                     base::milliseconds time_left = kPatience) {
    wire::FrameBuilder frame(wire::FrameType::kRecords);
    const std::uint64_t first = next_;
    for (const records::Write& write : writes) {
      std::string entry;
      EXPECT_TRUE(wire::AppendRecordEntry(next_++, Now() + time_left, write, &entry).ok());
      EXPECT_TRUE(frame.Add(entry));
    }
    SendRaw(frame.bytes());
    return first;
  }

  // One record, of which `text` was made `bytes` on the way; of the client with this address.
  std::uint64_t SendBytes(const records::Write& write, std::string_view text,
                          std::string_view bytes, std::string_view address = {}) {
    std::string entry;
    EXPECT_TRUE(wire::AppendRecordEntry(next_, Now() + kPatience, write, &entry, address).ok());
    entry.replace(entry.find(text), text.size(), bytes);
    wire::FrameBuilder frame(wire::FrameType::kRecords);
    EXPECT_TRUE(frame.Add(entry));
    SendRaw(frame.bytes());
    return next_++;
  }

  // Waits until `count` more answers came; fewer where the connection ended.
  std::map<std::uint64_t, records::WriteResult> Await(std::size_t count) {
    std::map<std::uint64_t, records::WriteResult> answers;
    while (answers.size() < count && Poll(POLLIN)) {
      const auto received = wire::ReceiveFrame(fd_.get(), &buffer_);
      if (received.io != wire::Io::kDone) break;
      ++frames_;
      const auto results = wire::ParseResults(received.frame);
      EXPECT_TRUE(results.ok());
      if (!results.ok()) break;
      for (const wire::ResultEntry& entry : *results) answers[entry.correlation] = entry.result;
    }
    return answers;
  }
  // Sends one record and waits for its answer. kInternal: the connection ended.
  base::Code Ask(const records::Write& write) {
    const std::uint64_t correlation = Send({write});
    const auto answers = Await(1);
    const auto found = answers.find(correlation);
    return found == answers.end() ? base::Code::kInternal : found->second.code;
  }

  // Waits for the end of the connection; false where anything else comes first.
  bool IsClosed() {
    return Poll(POLLIN) && wire::ReceiveFrame(fd_.get(), &buffer_).io == wire::Io::kClosed;
  }
  bool HasAnswerNow() const {
    pollfd state{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&state, 1, 0) == 1;
  }
  int frames() const { return frames_; }  // received
  int fd() const { return fd_.get(); }

 private:
  bool Poll(short events) const {
    pollfd state{.fd = fd_.get(), .events = events, .revents = 0};
    return ::poll(&state, 1, static_cast<int>(kPatience.count())) == 1;
  }

  base::UniqueFd fd_;
  wire::FrameBuffer buffer_{};
  std::uint64_t next_ = 1;
  int frames_ = 0;
};

}  // namespace writer_test
