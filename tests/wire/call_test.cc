#include <gtest/gtest.h>
#include <poll.h>

#include <string>
#include <thread>
#include <vector>

#include "fake_writer.h"
#include "wire/client.h"

namespace wire {
namespace {

using base::Code;
using base::milliseconds;

// Serves connections in a thread of its own until `serve` has seen `connections` of them.
class Server {
 public:
  enum class Answers : bool { kNo, kYes };

  Server(const std::string& path, std::vector<Answers> connections)
      : fd_(std::move(*base::ListenUnix(path, base::SocketKind::kSeqPacket, 0600, 8))),
        thread_([this, connections = std::move(connections)] {
          for (const Answers answers : connections) ServeOne(answers);
        }) {}
  ~Server() { thread_.join(); }

 private:
  static bool Await(int fd) {
    pollfd state{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&state, 1, 10'000) == 1;
  }
  void ServeOne(Answers answers) {
    ASSERT_TRUE(Await(fd_.get()));
    const base::UniqueFd peer(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK));
    FrameBuffer buffer;
    for (int frames = 0; frames < 2; ++frames) {  // HELLO and RECORDS
      ASSERT_TRUE(Await(peer.get()));
      ASSERT_EQ(ReceiveFrame(peer.get(), &buffer).io, Io::kDone);
    }
    if (answers == Answers::kNo) return;
    FrameBuilder frame(FrameType::kResults);
    ASSERT_TRUE(frame.Add(ResultEntry{.correlation = 1, .result = {.code = Code::kExists}}));
    ASSERT_EQ(SendFrame(peer.get(), frame.bytes()), Io::kDone);
  }

  base::UniqueFd fd_;
  std::thread thread_;
};

using Answers = Server::Answers;

TEST(Call, GivesTheWritersAnswer) {
  wire_test::TempFolder folder;
  Server server(folder.File("sock"), {Answers::kYes});
  const auto result = Call(folder.File("sock"), records::Probe{}, milliseconds(5000));
  ASSERT_TRUE(result.ok()) << result.error().ToString();
  EXPECT_EQ(result->code, Code::kExists);
}

TEST(Call, SendsAgainToTheNextWriterAfterABreak) {
  wire_test::TempFolder folder;
  Server server(folder.File("sock"), {Answers::kNo, Answers::kYes});
  const auto result = Call(folder.File("sock"), records::Probe{}, milliseconds(5000));
  ASSERT_TRUE(result.ok()) << result.error().ToString();
}

TEST(Call, GivesUpWhenTheWriterHangsUpEachTime) {
  wire_test::TempFolder folder;
  Server server(folder.File("sock"), {Answers::kNo, Answers::kNo, Answers::kNo});
  const auto result = Call(folder.File("sock"), records::Probe{}, milliseconds(5000));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), Code::kUnavailable);
}

TEST(Call, IsUnavailableWhereNobodyListens) {
  wire_test::TempFolder folder;
  const auto result = Call(folder.File("none"), records::Probe{}, milliseconds(500));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), Code::kUnavailable);
}

TEST(Call, EndsAtItsDeadlineWhenNobodyAnswers) {
  wire_test::TempFolder folder;
  wire_test::FakeWriter silent(folder.File("sock"));  // its backlog takes the connection
  const auto start = base::SystemClock().SinceBoot();
  const auto result = Call(folder.File("sock"), records::Probe{}, milliseconds(150));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), Code::kUnavailable);
  EXPECT_GE(base::SystemClock().SinceBoot() - start, milliseconds(150));
}

TEST(Call, RefusesARecordThatIsTooLong) {
  records::CreatePlan plan;
  plan.row.features.assign(kMaxRecordBytes, 'x');
  EXPECT_EQ(Call("/nowhere", plan, milliseconds(100)).status().code(), Code::kInvalid);
}

}  // namespace
}  // namespace wire
