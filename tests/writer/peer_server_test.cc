#include "writer/peers/peer_server.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loop_fixture.h"

namespace writer_test {
namespace {

using base::Code;
using base::milliseconds;

using PeerServerTest = LoopFixture;

TEST(Admission, KnowsItsSendersByTheirUser) {
  const writer::Admission own_users{.own_uid = 1000, .web_uid = std::nullopt};
  EXPECT_EQ(own_users.SenderOf(0), records::kOperatorSender);
  EXPECT_EQ(own_users.SenderOf(1000), records::kOperatorSender);
  EXPECT_EQ(own_users.SenderOf(1001), std::nullopt);
  const writer::Admission with_web{.own_uid = 1000, .web_uid = 33};
  EXPECT_EQ(with_web.SenderOf(33), records::kWebSender);
  EXPECT_EQ(with_web.SenderOf(1000), records::kOperatorSender);
  const writer::Admission web_is_own{.own_uid = 1000, .web_uid = 1000};
  EXPECT_EQ(web_is_own.SenderOf(1000), records::kWebSender);
}

TEST_F(PeerServerTest, AWebPoolThatSendsAnOperatorsRecordIsClosed) {
  Start({}, {.own_uid = ::geteuid(), .web_uid = ::geteuid()});
  TestPeer honest = Connect();
  TestPeer greedy = Connect();
  EXPECT_EQ(greedy.Ask(ProbeNumber(1)), Code::kOk);
  greedy.Send({ProbeNumber(2), records::CreateMembership{}});
  EXPECT_TRUE(greedy.IsClosed());
  EXPECT_NE(LogText().find("CreateMembership is not its to send"), std::string::npos) << LogText();
  EXPECT_EQ(honest.Ask(ProbeNumber(3)), Code::kOk);
  for (const auto& batch : store_.batches()) {
    for (const auto& write : batch) {
      EXPECT_NE(records::RecordIdOf(write).bytes[15], 2) << "a frame is taken whole or not at all";
    }
  }
}

constexpr std::string_view kNoAddress = "192.0.2.\xe4";

records::CreateOrganization Organization() {
  records::CreateOrganization record;
  record.row.slug = "acme";
  record.row.name = "TEXT";
  return record;
}

TEST_F(PeerServerTest, ARecordWhoseTextIsNoneIsRefusedWithAnAnswerAndTheOthersGoOn) {
  Start({}, {.own_uid = ::geteuid(), .web_uid = std::nullopt});
  TestPeer peer = Connect();
  const std::uint64_t first = peer.Send({ProbeNumber(1)});
  const std::uint64_t bad = peer.SendBytes(Organization(), "TEXT", "T\xe4XT");
  const std::uint64_t nul = peer.SendBytes(Organization(), "TEXT", std::string_view("T\0XT", 4));
  const auto answers = peer.Await(3);
  EXPECT_EQ(answers.at(first).code, Code::kOk);
  EXPECT_EQ(answers.at(bad).code, Code::kInvalid);
  EXPECT_EQ(answers.at(nul).code, Code::kInvalid);
  EXPECT_EQ(peer.Ask(ProbeNumber(2)), Code::kOk) << "the connection stands";
}

TEST_F(PeerServerTest, ARecordForAnAddressThatIsNoTextIsRefusedWithAnAnswer) {
  Start({}, {.own_uid = ::geteuid(), .web_uid = std::nullopt});
  TestPeer peer = Connect();
  const std::uint64_t bad = peer.SendBytes(ProbeNumber(1), "", "", kNoAddress);
  EXPECT_EQ(peer.Await(1).at(bad).code, Code::kInvalid);
  EXPECT_EQ(peer.Ask(ProbeNumber(2)), Code::kOk) << "the connection stands";
}

TEST_F(PeerServerTest, ATextThatIsNoneHidesNoForbiddenRecord) {
  Start({}, {.own_uid = ::geteuid(), .web_uid = ::geteuid()});
  TestPeer with_text = Connect();
  with_text.SendBytes(Organization(), "TEXT", "T\xe4XT");
  EXPECT_TRUE(with_text.IsClosed());
  TestPeer with_address = Connect();
  with_address.SendBytes(Organization(), "", "", kNoAddress);
  EXPECT_TRUE(with_address.IsClosed());
  EXPECT_NE(LogText().find("CreateOrganization is not its to send"), std::string::npos);
}

TEST_F(PeerServerTest, ATextThatIsNoneHidesNoCorruptRecord) {
  Start({}, {.own_uid = ::geteuid(), .web_uid = std::nullopt});
  // The length of the name is another: the field behind it begins too late.
  const std::string_view length_and_text("\x04\0TEXT", 6);
  for (const auto& [bytes, address] :
       {std::pair(std::string_view("\x05\0TEXT", 6), kNoAddress),
        std::pair(std::string_view("\x05\0T\xe4XT", 6), std::string_view("192.0.2.1"))}) {
    TestPeer peer = Connect();
    peer.SendBytes(Organization(), length_and_text, bytes, address);
    EXPECT_TRUE(peer.IsClosed()) << address;
  }
}

// A process of another user: connects, and exits with 0 where the writer closes the connection.
int ConnectAs(uid_t uid, const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresuid(uid, uid, uid) != 0) ::_exit(2);
    auto fd = base::ConnectUnix(path, base::SocketKind::kSeqPacket);
    if (!fd.ok()) ::_exit(3);
    pollfd state{.fd = fd->get(), .events = POLLIN, .revents = 0};
    if (::poll(&state, 1, 10'000) != 1) ::_exit(4);
    char byte = 0;
    ::_exit(::recv(fd->get(), &byte, 1, 0) == 0 ? 0 : 5);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(PeerServerTest, AnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes another user's identity, which only root can";
  std::filesystem::permissions(folder_.File("."), std::filesystem::perms::all);
  std::filesystem::permissions(path_, std::filesystem::perms::all);
  Start();
  EXPECT_EQ(ConnectAs(65534, path_), 0);
  TestPeer own = Connect();
  EXPECT_EQ(own.Ask(ProbeNumber(1)), Code::kOk);
}

std::string RecordsFrameOf(const records::Write& write) {
  std::string entry;
  EXPECT_TRUE(wire::AppendRecordEntry(1, Now() + milliseconds(5000), write, &entry).ok());
  wire::FrameBuilder frame(wire::FrameType::kRecords);
  EXPECT_TRUE(frame.Add(entry));
  return std::string(frame.bytes());
}

TEST_F(PeerServerTest, ABadFrameClosesItsPeerAlone) {
  std::string unknown_type = RecordsFrameOf(ProbeNumber(1));
  unknown_type[0] = 9;
  std::string unknown_record = RecordsFrameOf(ProbeNumber(1));
  unknown_record[3 + 21] = static_cast<char>(200);
  const std::string cut = RecordsFrameOf(ProbeNumber(1)).substr(0, 30);
  const std::string results("\x03\x01\0", 3);
  const std::string too_long(wire::kMaxFrameBytes + 1, '\x02');
  const std::string hello_again = wire::EncodeHello({.name = "again"});
  Start();
  TestPeer good = Connect();
  for (const std::string& frame :
       {unknown_type, unknown_record, cut, results, too_long, hello_again}) {
    TestPeer bad = Connect();
    bad.SendRaw(frame);
    EXPECT_TRUE(bad.IsClosed());
    EXPECT_EQ(good.Ask(ProbeNumber(1)), Code::kOk);
  }
}

TEST_F(PeerServerTest, RecordsBeforeHelloCloseTheConnection) {
  Start();
  TestPeer peer(path_);
  peer.SendRaw(RecordsFrameOf(ProbeNumber(1)));
  EXPECT_TRUE(peer.IsClosed());
  EXPECT_TRUE(store_.batches().empty());
}

TEST_F(PeerServerTest, AnUnknownWireVersionIsRefused) {
  Start();
  for (const int version : {wire::kOldestWireVersion - 1, wire::kWireVersion + 1}) {
    TestPeer peer(path_);
    peer.SendRaw(
        wire::EncodeHello({.version = static_cast<std::uint16_t>(version), .name = "other"}));
    EXPECT_TRUE(peer.IsClosed()) << version;
  }
}

std::string RecordsFrameFrom(const std::string& address) {
  std::string entry;
  EXPECT_TRUE(wire::AppendRecordEntry(1, Now() + kPatience, ProbeNumber(1), &entry, address).ok());
  wire::FrameBuilder frame(wire::FrameType::kRecords);
  EXPECT_TRUE(frame.Add(entry));
  return std::string(frame.bytes());
}

TEST_F(PeerServerTest, ARecordComesWithItsAddressAndAnOperatorWithTheUidThatTheKernelKnows) {
  Start();
  TestPeer pool = Connect();
  pool.SendRaw(RecordsFrameFrom("203.0.113.7"));
  ASSERT_EQ(pool.Await(1).size(), 1U);
  TestPeer command(path_);
  command.SendRaw(wire::EncodeHello({.name = "latchkey", .operator_name = "al ice\x1b"}));
  command.SendRaw(RecordsFrameFrom(""));
  ASSERT_EQ(command.Await(1).size(), 1U);
  const auto origins = store_.origins();
  ASSERT_EQ(origins.size(), 2U);
  EXPECT_EQ(origins[0].address, "203.0.113.7");
  EXPECT_EQ(origins[0].operator_name, "");
  EXPECT_EQ(origins[1].address, "");
  EXPECT_EQ(origins[1].operator_name, "al?ice? (uid " + std::to_string(::geteuid()) + ")");
}

TEST_F(PeerServerTest, AWebPoolCannotPassForAnOperator) {
  Start({}, {.own_uid = ::geteuid(), .web_uid = ::geteuid()});
  TestPeer pool(path_);
  pool.SendRaw(wire::EncodeHello({.name = "api-1", .operator_name = "alice"}));
  EXPECT_EQ(pool.Ask(ProbeNumber(1)), Code::kOk);
  EXPECT_EQ(store_.origins().at(0).operator_name, "");
}

TEST_F(PeerServerTest, APeerThatDoesNotReadItsAnswersIsClosedAndNobodyWaitsForIt) {
  Start();
  TestPeer deaf = Connect();
  TestPeer good = Connect();
  wire::FrameBuilder frame(wire::FrameType::kRecords);
  std::string entry;
  ASSERT_TRUE(wire::AppendRecordEntry(1, Now() + kPatience, ProbeNumber(1), &entry).ok());
  while (frame.Add(entry)) {
  }
  const base::milliseconds end = Now() + kPatience;
  wire::Io io = wire::Io::kDone;
  while (io != wire::Io::kClosed && Now() < end) {
    io = wire::SendFrame(deaf.fd(), frame.bytes());
    if (io == wire::Io::kWouldBlock) {
      ASSERT_EQ(good.Ask(ProbeNumber(2)), Code::kOk);
    }
  }
  EXPECT_EQ(io, wire::Io::kClosed);
  EXPECT_EQ(good.Ask(ProbeNumber(3)), Code::kOk);
}

TEST_F(PeerServerTest, RecordsOfAPeerThatLeftAreAppliedAndTheAnswerGoesNowhere) {
  Start();
  TestPeer good = Connect();
  {
    TestPeer leaving = Connect();
    leaving.Send({ProbeNumber(5)});
  }
  EXPECT_EQ(good.Ask(ProbeNumber(1)), Code::kOk);
  EXPECT_TRUE(Await([&] {
    for (const auto& batch : store_.batches()) {
      for (const auto& write : batch) {
        if (records::RecordIdOf(write).bytes[15] == 5) return true;
      }
    }
    return false;
  }));
}

}  // namespace
}  // namespace writer_test
