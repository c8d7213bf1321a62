// A commit loop over a fake store, running in a thread of its own behind a real socket.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "fake_store.h"
#include "test_peer.h"
#include "wire/fake_writer.h"
#include "writer/commit_loop.h"

namespace writer_test {

class LoopFixture : public ::testing::Test {
 protected:
  void TearDown() override { Stop(); }

  void Start(writer::CommitLoopOptions options = {},
             writer::Admission admission = {.own_uid = ::geteuid(), .web_uid = std::nullopt}) {
    auto peers = writer::PeerServer::Open(listen_fd_.get(), stop_fd_.get(), admission, log_);
    ASSERT_TRUE(peers.ok());
    options.batch_time = kPatience;  // what lies there is gathered, however slow the machine
    thread_ = std::thread([this, options, server = std::move(*peers)]() mutable {
      writer::CommitLoop loop(options, server, store_, page_, clock_, log_);
      end_ = loop.Run();
    });
  }
  void AskToStop() {
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(stop_fd_.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
  }
  // Waits for the end of the loop; its status is in end_.
  void Join() {
    if (thread_.joinable()) thread_.join();
  }
  void Stop() {
    if (!thread_.joinable()) return;
    store_.OpenGate();
    AskToStop();
    Join();
  }
  TestPeer Connect() const { return TestPeer::Greeted(path_); }
  std::string LogText() const {
    std::ostringstream text;
    text << std::ifstream(folder_.File("log")).rdbuf();
    return text.str();
  }
  bool AwaitState(shm::WriterState state) {
    return Await([&] { return page_.state() == state; });
  }

  wire_test::TempFolder folder_;
  std::string path_ = folder_.File("sock");
  base::UniqueFd log_fd_{
      ::open(folder_.File("log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  base::Log log_{"writer", base::Severity::kInfo, log_fd_.get()};
  base::SystemClock clock_;
  base::UniqueFd stop_fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  base::UniqueFd listen_fd_{
      std::move(*base::ListenUnix(path_, base::SocketKind::kSeqPacket, 0600, 64))};
  shm::WriterPage page_{std::move(*shm::WriterPage::OpenForWriting(folder_.File("page")))};
  FakeStore store_;
  base::Status end_{base::Code::kInvalid, "still running"};
  std::thread thread_;
};

}  // namespace writer_test
