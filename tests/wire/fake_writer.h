// A writer's end of the wire for tests of the client: a real socket in a folder of its own, and a
// test that says what the writer does. Everything happens in the test's thread, nothing waits.
#pragma once

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/os/unix_socket.h"
#include "wire/frame.h"
#include "wire/frame_io.h"

namespace wire_test {

class TempFolder {
 public:
  TempFolder() {
    std::string name = "/tmp/latchkey-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }
  std::string File(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class FakeClock final : public base::Clock {
 public:
  base::Time Now() const override { return base::FromUnixMillis(1'700'000'000'000) + now_; }
  base::milliseconds SinceBoot() const override { return now_; }
  void Advance(base::milliseconds by) { now_ += by; }

 private:
  base::milliseconds now_{1'000'000};
};

struct TakenRecord {
  std::uint64_t correlation = 0;
  base::milliseconds deadline{0};
  std::string bytes;
  friend bool operator==(const TakenRecord&, const TakenRecord&) = default;
};

class FakeWriter {
 public:
  explicit FakeWriter(const std::string& path) {
    auto fd = base::ListenUnix(path, base::SocketKind::kSeqPacket, 0600, 8);
    EXPECT_TRUE(fd.ok()) << fd.status().ToString();
    if (fd.ok()) listen_fd_ = std::move(*fd);
  }

  // Accepts the next connection and takes its HELLO.
  void Accept() {
    peer_.Reset(::accept4(listen_fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    ASSERT_TRUE(peer_.valid()) << "nobody connects";
    const auto frame = TakeFrame();
    ASSERT_TRUE(frame.has_value());
    ASSERT_TRUE(wire::ParseHello(*frame).ok());
  }
  bool SomebodyConnects() {
    base::UniqueFd fd(::accept4(listen_fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.valid()) return false;
    peer_ = std::move(fd);
    return true;
  }

  std::optional<std::vector<std::uint8_t>> TakeFrame() {
    const auto received = wire::ReceiveFrame(peer_.get(), &buffer_);
    if (received.io != wire::Io::kDone) return std::nullopt;
    return std::vector<std::uint8_t>(received.frame.begin(), received.frame.end());
  }
  // The records of the next frame; none where there is no frame.
  std::vector<TakenRecord> TakeRecords() {
    std::vector<TakenRecord> taken;
    const auto frame = TakeFrame();
    if (!frame) return taken;
    const auto records = wire::ParseRecords(*frame);
    EXPECT_TRUE(records.ok());
    if (!records.ok()) return taken;
    for (const wire::RecordView& view : *records) {
      taken.push_back({view.correlation, view.deadline, {view.record.begin(), view.record.end()}});
    }
    return taken;
  }

  void Answer(const std::vector<std::uint64_t>& correlations, const records::WriteResult& result) {
    wire::FrameBuilder frame(wire::FrameType::kResults);
    for (const std::uint64_t correlation : correlations) {
      ASSERT_TRUE(frame.Add(wire::ResultEntry{.correlation = correlation, .result = result}));
    }
    SendRaw(frame.bytes());
  }
  void SendRaw(std::string_view bytes) {
    ASSERT_EQ(wire::SendFrame(peer_.get(), bytes), wire::Io::kDone);
  }
  void CloseConnection() { peer_.Reset(); }

 private:
  base::UniqueFd listen_fd_;
  base::UniqueFd peer_;
  wire::FrameBuffer buffer_{};
};

}  // namespace wire_test
