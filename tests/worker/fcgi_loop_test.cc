#include "worker/fcgi/fcgi_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shm/writer_page.h"
#include "worker/fake_writer.h"
#include "worker/fcgi_client.h"
#include "worker/loop_process.h"

namespace worker_test {

namespace {

using base::milliseconds;
using worker::FcgiLoop;

class FcgiLoopTest : public testing::Test {
 protected:
  FcgiLoopTest() : writer_(dir_ / "writer.sock") {
    auto fd = base::ListenUnix(socket(), base::SocketKind::kStream, 0600, 64);
    EXPECT_TRUE(fd.ok());
    listener_ = std::move(*fd);
    auto page = shm::WriterPage::OpenForWriting(dir_ / "writer.page");
    EXPECT_TRUE(page.ok());
    page->Set(shm::WriterGauge::kState, static_cast<std::uint64_t>(shm::WriterState::kServing));
    page->Set(shm::WriterGauge::kHeartbeatMs,
              static_cast<std::uint64_t>(base::SystemClock().SinceBoot().count()));
  }

  std::string socket() const { return dir_ / "api.sock"; }

  void Start(FcgiLoop::Options loop = {}, std::size_t max_pending = 100, int log_fd = -1) {
    loop.listen_fd = listener_.get();
    process_ = std::make_unique<LoopProcess>(
        dir_, LoopProcess::Options{.loop = loop, .max_pending = max_pending, .log_fd = log_fd});
    ASSERT_EQ(process_->NextWord(), worker::kReadyNotification);
  }

  Answer Ask(const Params& params, std::string_view body = "") {
    FcgiClient client(socket());
    return client.Ask(params, body).value_or(Answer{});
  }

  TempDir dir_;
  FakeWriter writer_;
  base::UniqueFd listener_;
  std::unique_ptr<LoopProcess> process_;
};

Params With(Params params, std::string name, std::string value) {
  params.emplace_back(std::move(name), std::move(value));
  return params;
}

FcgiLoop::Options OneRequestEach(std::size_t most) {
  return {.connections = FcgiLoop::Connections::kOneRequestEach, .max_connections = most};
}

std::string MsecAt(std::chrono::milliseconds before_now) {
  const auto millis = base::ToUnixMillis(base::SystemClock().Now() - before_now);
  const std::string fraction = std::to_string(1000 + millis % 1000).substr(1);
  return std::to_string(millis / 1000) + "." + fraction;
}

// ---- requests ----

TEST_F(FcgiLoopTest, AKeptConnectionServesManyRequests) {
  Start();
  FcgiClient client(socket());
  for (int i = 0; i < 1000; ++i) {
    const auto answer = client.Ask(RequestTo("GET", "/"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "hello");
  }
}

TEST_F(FcgiLoopTest, AConnectionThatNginxDoesNotKeepIsClosedAfterTheAnswer) {
  Start();
  FcgiClient client(socket());
  const auto answer = client.Ask(RequestTo("GET", "/"), "", Keep::kNothing);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_TRUE(client.SeesClose());
}

TEST_F(FcgiLoopTest, ManyConnectionsAreServedSideBySide) {
  Start();
  std::vector<std::unique_ptr<FcgiClient>> clients;
  for (int i = 0; i < 60; ++i) clients.push_back(std::make_unique<FcgiClient>(socket()));
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) ASSERT_TRUE(client->Send(RequestTo("GET", "/")));
    for (auto& client : clients) EXPECT_EQ(client->Receive().value_or(Answer{}).body, "hello");
  }
}

TEST_F(FcgiLoopTest, ABodyOfTheLargestSizeArrivesWhole) {
  Start();
  std::string body(16 * 1024, 'b');
  body.back() = 'e';
  EXPECT_EQ(Ask(RequestTo("POST", "/echo", body), body).body, body);
}

TEST_F(FcgiLoopTest, ALongAnswerArrivesWhole) {
  Start();
  EXPECT_EQ(Ask(RequestTo("GET", "/long")).body, std::string(1000000, 'x'));
}

TEST_F(FcgiLoopTest, WhatALibraryThrowsFailsOneRequestAndEndsNoChild) {
  Start();
  FcgiClient client(socket());
  const auto pid = client.Ask(RequestTo("GET", "/pid")).value_or(Answer{}).body;
  const auto thrown = client.Ask(RequestTo("GET", "/throw")).value_or(Answer{});
  EXPECT_EQ(thrown.status, 500);
  EXPECT_NE(thrown.body.find("INTERNAL_SERVER_ERROR"), std::string::npos) << thrown.body;
  ASSERT_TRUE(client.Send(RequestTo("GET", "/write-and-throw")));
  const auto record = writer_.Receive();
  ASSERT_TRUE(record);
  ASSERT_TRUE(writer_.Answer(*record));
  EXPECT_EQ(client.Receive().value_or(Answer{}).status, 500);
  EXPECT_EQ(client.Ask(RequestTo("GET", "/pid")).value_or(Answer{}).body, pid);
}

TEST_F(FcgiLoopTest, ATooLargeBodyIsRefusedAndTheConnectionServesOn) {
  Start();
  const std::string body(16 * 1024 + 1, 'b');
  FcgiClient client(socket());
  const auto refused = client.Ask(RequestTo("POST", "/echo", body), body);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 413);
  EXPECT_NE(refused->body.find("\"error_code\":\"PAYLOAD_TOO_LARGE\""), std::string::npos);
  EXPECT_EQ(client.Ask(RequestTo("POST", "/echo", "small"), "small").value_or(Answer{}).body,
            "small");
}

TEST_F(FcgiLoopTest, AnEndlessBodyIsRefusedAndTheConnectionClosed) {
  Start();
  const std::string body(3 * 1024 * 1024, 'b');
  FcgiClient client(socket());
  client.Send(RequestTo("POST", "/echo", body), body);  // the other side may close while it is sent
  EXPECT_TRUE(client.SeesClose());
  EXPECT_EQ(Ask(RequestTo("GET", "/")).body, "hello");
}

TEST_F(FcgiLoopTest, AnAnnouncedLengthBeyondTheLimitIsRefusedWhateverComes) {
  Start();
  Params params{{"REQUEST_METHOD", "POST"},
                {"DOCUMENT_URI", "/echo"},
                {"CONTENT_LENGTH", "99999999999999999999"}};
  EXPECT_EQ(Ask(params, "tiny").status, 413);
}

TEST_F(FcgiLoopTest, ABodyShorterThanAnnouncedIsRefused) {
  Start();
  const Params params{
      {"REQUEST_METHOD", "POST"}, {"DOCUMENT_URI", "/echo"}, {"CONTENT_LENGTH", "7"}};
  EXPECT_EQ(Ask(params, "short").status, 400);
  const Params malformed{
      {"REQUEST_METHOD", "POST"}, {"DOCUMENT_URI", "/echo"}, {"CONTENT_LENGTH", "5x"}};
  EXPECT_EQ(Ask(malformed, "short").status, 400);
}

TEST_F(FcgiLoopTest, TheRequestIdIsNginxsOrRandomAndComesBack) {
  Start();
  const std::string id = "0123456789abcdef0123456789abcdef";
  const Answer given = Ask(With(RequestTo("GET", "/id"), "REQUEST_ID", id));
  EXPECT_EQ(given.body, id);
  EXPECT_EQ(given.Header("X-Request-Id"), id);
  const Answer random = Ask(With(RequestTo("GET", "/id"), "REQUEST_ID", "not hex"));
  EXPECT_EQ(random.body.size(), 32U);
  EXPECT_EQ(random.Header("X-Request-Id"), random.body);
  EXPECT_NE(Ask(RequestTo("GET", "/id")).body, random.body);
}

TEST_F(FcgiLoopTest, AHostHeaderComesInTheFormOfNginxsHost) {
  Start();
  EXPECT_EQ(Ask(RequestTo("GET", "/host")).body, "localhost");
  const Params raw{
      {"REQUEST_METHOD", "GET"}, {"DOCUMENT_URI", "/host"}, {"HTTP_HOST", "A.Example:80"}};
  EXPECT_EQ(Ask(raw).body, "a.example");
}

TEST_F(FcgiLoopTest, AHeaderWithALineBreakIsLeftOut) {
  Start();
  const Answer answer = Ask(RequestTo("GET", "/split"));
  EXPECT_EQ(answer.Header("X-Good"), "1");
  EXPECT_EQ(answer.headers.find("X-Evil"), std::string::npos);
}

TEST_F(FcgiLoopTest, ARequestOlderThanItsBudgetIsRefusedAtOnce) {
  Start();
  const Answer old = Ask(With(RequestTo("GET", "/"), "REQUEST_TIME", MsecAt(milliseconds(11000))));
  EXPECT_EQ(old.status, 503);
  EXPECT_FALSE(old.Header("Retry-After").empty());
  EXPECT_NE(old.body.find("\"error_code\":\"SERVICE_UNAVAILABLE\""), std::string::npos);
  const Answer young = Ask(With(RequestTo("GET", "/"), "REQUEST_TIME", MsecAt(milliseconds(5000))));
  EXPECT_EQ(young.status, 200);
}

TEST_F(FcgiLoopTest, AnAgeNoClockCouldMeanCountsAsZero) {
  Start();
  for (const auto age : {milliseconds(-5000), milliseconds(61000), milliseconds(864000000)}) {
    EXPECT_EQ(Ask(With(RequestTo("GET", "/"), "REQUEST_TIME", MsecAt(age))).status, 200);
  }
  EXPECT_EQ(Ask(With(RequestTo("GET", "/"), "REQUEST_TIME", "yesterday")).status, 200);
}

TEST_F(FcgiLoopTest, ASlowHandlerIsLoggedAFastOneIsNot) {
  int log[2];
  ASSERT_EQ(pipe2(log, O_CLOEXEC), 0);
  const base::UniqueFd reader(log[0]);
  base::UniqueFd logger(log[1]);
  Start({.slow_request = milliseconds(50)}, 100, logger.get());
  logger.Reset();
  EXPECT_EQ(Ask(RequestTo("GET", "/")).status, 200);
  const Answer slow = Ask(RequestTo("GET", "/slow"));
  process_->Drain();
  EXPECT_EQ(process_->Wait(), 0);
  std::string lines(4096, '\0');
  lines.resize(static_cast<std::size_t>(
      std::max<ssize_t>(::read(reader.get(), lines.data(), lines.size()), 0)));
  EXPECT_NE(lines.find("WARN loop slow_read duration_ms="), std::string::npos) << lines;
  EXPECT_NE(lines.find("path=/slow"), std::string::npos);
  EXPECT_NE(lines.find("request_id=" + slow.Header("X-Request-Id")), std::string::npos);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 1) << lines;
}

TEST_F(FcgiLoopTest, AnErrorOfTheServerIsLoggedWithItsReasonButNotWithoutBound) {
  int log[2];
  ASSERT_EQ(pipe2(log, O_CLOEXEC), 0);
  const base::UniqueFd reader(log[0]);
  base::UniqueFd logger(log[1]);
  Start({.drain_limit = milliseconds(100)}, /*max_pending=*/1, logger.get());
  logger.Reset();
  const Answer failed = Ask(RequestTo("GET", "/fail"));
  FcgiClient first(socket());
  ASSERT_TRUE(first.Send(RequestTo("POST", "/write")));
  const auto record = writer_.Receive();
  ASSERT_TRUE(record);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(Ask(RequestTo("POST", "/write")).status, 503);
  ASSERT_TRUE(writer_.Answer(*record));
  EXPECT_EQ(first.Receive().value_or(Answer{}).status, 200);
  process_->Drain();
  EXPECT_EQ(process_->Wait(), 0);
  std::string lines(32768, '\0');
  lines.resize(static_cast<std::size_t>(
      std::max<ssize_t>(::read(reader.get(), lines.data(), lines.size()), 0)));
  EXPECT_NE(lines.find("request_failed status=500 reason=internal unlogged=0 request_id=" +
                       failed.Header("X-Request-Id")),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("status=503 reason=too_many_writes_pending"), std::string::npos) << lines;
  EXPECT_LE(std::ranges::count(lines, '\n'), 30) << "ten a second";
}

TEST_F(FcgiLoopTest, GarbageOnAConnectionHurtsNobodyElse) {
  Start();
  FcgiClient good(socket());
  EXPECT_TRUE(good.Ask(RequestTo("GET", "/")));
  FcgiClient bad(socket());
  ASSERT_TRUE(bad.SendBytes(std::string(300, '\xff')));
  EXPECT_TRUE(bad.SeesClose());
  EXPECT_TRUE(good.Ask(RequestTo("GET", "/")));
}

TEST_F(FcgiLoopTest, AConnectionThatStopsInTheMiddleOfARequestIsGivenUp) {
  Start({.connection_timeout = milliseconds(50)});
  FcgiClient client(socket());
  ASSERT_TRUE(client.Ask(RequestTo("GET", "/")));
  const std::string whole = EncodeRequest(RequestTo("GET", "/"), "", Keep::kConnection);
  ASSERT_TRUE(client.SendBytes(whole.substr(0, 20)));
  EXPECT_TRUE(client.SeesClose());
  EXPECT_EQ(Ask(RequestTo("GET", "/")).body, "hello");
}

TEST_F(FcgiLoopTest, AnAnswerThatNobodyReadsHoldsUpTheOthersForItsTimeLimitAlone) {
  Start({.connection_timeout = milliseconds(50)});
  FcgiClient silent(socket());
  ASSERT_TRUE(silent.Send(RequestTo("GET", "/long")));  // more than a socket holds
  EXPECT_EQ(Ask(RequestTo("GET", "/")).body, "hello");
  EXPECT_TRUE(silent.SeesClose());
}

TEST_F(FcgiLoopTest, AnAnswerThatIsReadSlowlyHasTheSameTimeLimitForAllOfIt) {
  Start({.connection_timeout = milliseconds(100)});
  FcgiClient slow(socket());
  ASSERT_TRUE(slow.Send(RequestTo("GET", "/long")));
  constexpr std::size_t kAll = 1'000'000;
  EXPECT_LT(slow.ReadSlowly(20'000, milliseconds(20), kAll), kAll);  // all of it takes a second
  EXPECT_EQ(Ask(RequestTo("GET", "/")).body, "hello");
}

// ---- pending writes ----

TEST_F(FcgiLoopTest, APendingWriteIsAnsweredWhenTheWriterAnswers) {
  Start();
  FcgiClient waiting(socket());
  ASSERT_TRUE(waiting.Send(RequestTo("POST", "/write")));
  const auto record = writer_.Receive();
  ASSERT_TRUE(record);
  EXPECT_EQ(Ask(RequestTo("GET", "/")).body, "hello");  // reads go on meanwhile
  EXPECT_FALSE(waiting.HasInput());
  ASSERT_TRUE(writer_.Answer(*record));
  EXPECT_EQ(waiting.Receive().value_or(Answer{}).body, "w");
}

TEST_F(FcgiLoopTest, WhatFollowsABrokenBodyIsNoRequestEvenAfterAWait) {
  Start();
  FcgiClient client(socket());
  const std::string whole = EncodeRequest(RequestTo("POST", "/write"), "", Keep::kConnection);
  const std::string no_record(8, '\xff');
  ASSERT_TRUE(client.SendBytes(whole.substr(0, whole.size() - 8) + no_record));
  const auto record = writer_.Receive();
  ASSERT_TRUE(record);
  ASSERT_TRUE(writer_.Answer(*record));
  EXPECT_EQ(client.Receive().value_or(Answer{}).body, "w");
  EXPECT_TRUE(client.SeesClose());
}

TEST_F(FcgiLoopTest, AllWhoAskWhileAProbeIsOnItsWayShareIt) {
  Start();
  std::vector<std::unique_ptr<FcgiClient>> clients;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 30; ++i) {
      clients.push_back(std::make_unique<FcgiClient>(socket()));
      ASSERT_TRUE(clients.back()->Send(RequestTo("GET", "/probe")));
    }
    const auto probe = writer_.Receive();
    ASSERT_TRUE(probe);
    // A record behind all of them: no other probe is before it.
    FcgiClient other(socket());
    ASSERT_TRUE(other.Send(RequestTo("POST", "/write")));
    const auto next = writer_.Receive();
    ASSERT_TRUE(next);
    EXPECT_TRUE(std::holds_alternative<records::EndSession>(next->write));
    clients.front().reset();  // whose probe it is may leave
    ASSERT_TRUE(writer_.Answer(*probe));
    for (auto& client : clients) {
      if (client == nullptr) continue;
      EXPECT_EQ(client->Receive().value_or(Answer{}).body, "ready");
    }
    ASSERT_TRUE(writer_.Answer(*next));
    EXPECT_EQ(other.Receive().value_or(Answer{}).body, "w");
    clients.clear();
  }
}

TEST_F(FcgiLoopTest, ARequestMayWriteTwice) {
  Start();
  FcgiClient client(socket());
  const std::string id = "000000000000000000000000000000f0";
  ASSERT_TRUE(client.Send(With(RequestTo("POST", "/write-twice"), "REQUEST_ID", id)));
  for (const int last : {0xf1, 0xf2}) {
    const auto record = writer_.Receive();
    ASSERT_TRUE(record);
    EXPECT_EQ(record->address, "192.0.2.1") << "for the audit log";
    EXPECT_EQ(records::RecordIdOf(record->write).bytes.back(), last);
    ASSERT_TRUE(writer_.Answer(*record));
  }
  const auto answer = client.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "ww");
  EXPECT_EQ(answer->Header("X-Request-Id"), id);
}

TEST_F(FcgiLoopTest, AClientThatGoesAwayWhileItsWriteIsPendingFreesItsSlotQuietly) {
  Start({.max_connections = 1});
  for (int round = 0; round < 3; ++round) {
    FcgiClient leaving(socket());
    ASSERT_TRUE(leaving.Send(RequestTo("POST", "/write")));
    const auto record = writer_.Receive();
    ASSERT_TRUE(record);
    leaving.Close();
    FcgiClient next(socket());
    ASSERT_TRUE(next.Send(RequestTo("GET", "/")));
    ASSERT_TRUE(writer_.Answer(*record));
    EXPECT_EQ(next.Receive().value_or(Answer{}).body, "hello");
  }
  EXPECT_FALSE(process_->HasEnded());
}

TEST_F(FcgiLoopTest, ManyClientsThatGoAwayAtOnceLeaveTheLoopServing) {
  Start();
  std::vector<FakeWriter::Record> records;
  {
    std::vector<std::unique_ptr<FcgiClient>> leaving;
    for (int i = 0; i < 50; ++i) {
      leaving.push_back(std::make_unique<FcgiClient>(socket()));
      ASSERT_TRUE(leaving.back()->Send(RequestTo("POST", "/write-twice")));
    }
    for (int i = 0; i < 50; ++i) {
      auto record = writer_.Receive();
      ASSERT_TRUE(record);
      records.push_back(std::move(*record));
    }
  }
  for (const auto& record : records) ASSERT_TRUE(writer_.Answer(record));
  EXPECT_EQ(Ask(RequestTo("GET", "/")).body, "hello");
}

TEST_F(FcgiLoopTest, ARequestSentWhileAWriteIsPendingIsServedAfterIt) {
  Start();
  FcgiClient client(socket());
  ASSERT_TRUE(client.Send(RequestTo("POST", "/write")));
  const auto record = writer_.Receive();
  ASSERT_TRUE(record);
  ASSERT_TRUE(client.Send(RequestTo("GET", "/")));
  EXPECT_EQ(Ask(RequestTo("GET", "/")).body, "hello");  // a turn passes
  ASSERT_TRUE(writer_.Answer(*record));
  EXPECT_EQ(client.Receive().value_or(Answer{}).body, "w");
  EXPECT_EQ(client.Receive().value_or(Answer{}).body, "hello");
}

TEST_F(FcgiLoopTest, AWriteTheClientRefusesIsTheHandlersToAnswer) {
  Start({}, /*max_pending=*/1);
  FcgiClient first(socket());
  ASSERT_TRUE(first.Send(RequestTo("POST", "/write")));
  const auto record = writer_.Receive();
  ASSERT_TRUE(record);
  const Answer refused = Ask(RequestTo("POST", "/write"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "full");
  ASSERT_TRUE(writer_.Answer(*record));
  EXPECT_EQ(first.Receive().value_or(Answer{}).status, 200);
}

// ---- slots ----

TEST_F(FcgiLoopTest, AChildWithoutAFreeSlotLetsOthersWaitThenServesThem) {
  Start({.max_connections = 2});
  FcgiClient a(socket()), b(socket());
  ASSERT_TRUE(a.Ask(RequestTo("GET", "/")));
  ASSERT_TRUE(b.Ask(RequestTo("GET", "/")));
  FcgiClient waiting(socket());
  ASSERT_TRUE(waiting.Send(RequestTo("GET", "/")));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(a.Ask(RequestTo("GET", "/")));
  EXPECT_FALSE(waiting.HasInput());
  b.Close();
  EXPECT_EQ(waiting.Receive().value_or(Answer{}).body, "hello");
}

TEST_F(FcgiLoopTest, ARequestOnANewConnectionIsAnsweredFromAStateOfItsOwn) {
  Start();
  process_->Pause();  // so that one turn accepts them all
  std::vector<std::unique_ptr<FcgiClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<FcgiClient>(socket()));
    ASSERT_TRUE(clients.back()->Send(RequestTo("GET", "/state")));
  }
  process_->GoOn();
  std::set<std::string> states;
  for (auto& client : clients) states.insert(client->Receive().value_or(Answer{}).body);
  EXPECT_EQ(states.size(), clients.size());
}

TEST_F(FcgiLoopTest, WithOneRequestAConnectionItEndsThoughNginxWouldKeepIt) {
  Start(OneRequestEach(2));
  for (int i = 0; i < 5; ++i) {
    FcgiClient client(socket());
    EXPECT_EQ(client.Ask(RequestTo("GET", "/")).value_or(Answer{}).body, "hello");
    EXPECT_TRUE(client.SeesClose());
  }
}

TEST_F(FcgiLoopTest, ALoginChildServesOnWhileAWriteIsPending) {
  Start(OneRequestEach(8));
  FcgiClient busy(socket());
  ASSERT_TRUE(busy.Send(RequestTo("POST", "/write")));
  const auto record = writer_.Receive();
  ASSERT_TRUE(record);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Ask(RequestTo("GET", "/")).body, "hello");
  ASSERT_TRUE(writer_.Answer(*record));
  EXPECT_EQ(busy.Receive().value_or(Answer{}).body, "w");
}

// ---- turns of networks ----

class LoginQueue : public FcgiLoopTest {
 protected:
  // Sends requests of a network that wait until the child goes on.
  void Queue(const std::string& address, int count, const std::string& path = "/") {
    for (int i = 0; i < count; ++i) {
      clients_.push_back(std::make_unique<FcgiClient>(socket()));
      ASSERT_TRUE(clients_.back()->Send(With(RequestTo("GET", path), "REMOTE_ADDR", address)));
    }
  }
  // What the state was from which each was answered: the order in which they were served.
  std::vector<int> Turns() {
    std::vector<int> turns;
    for (auto& client : clients_) {
      const auto answer = client->Receive();
      turns.push_back(answer && answer->status == 200 ? std::stoi(answer->body) : -1);
    }
    return turns;
  }
  std::vector<std::unique_ptr<FcgiClient>> clients_;
};

TEST_F(LoginQueue, ANetworkThatAsksForMuchWaitsForItself) {
  Start(OneRequestEach(64));
  process_->Pause();
  Queue("2001:db8:9:1::1", 6, "/state");
  Queue("2001:db8:9:2::1", 6, "/state");  // the same site
  Queue("192.0.2.7", 1, "/state");
  Queue("2001:db8:a::1", 1, "/state");
  process_->GoOn();
  const std::vector<int> turns = Turns();
  for (std::size_t i = 1; i < 12; ++i) {
    EXPECT_LT(turns[i - 1], turns[i]) << "in the order in which they came";
    EXPECT_LT(turns[12], turns[i]) << "the second of all";
    EXPECT_LT(turns[13], turns[i]) << "the third of all";
  }
}

TEST_F(LoginQueue, WhatIsMoreThanMayWaitIsRefusedAtOnceAndOfTheLargestNetwork) {
  Start(OneRequestEach(9));
  process_->Pause();
  Queue("2001:db8:9:1::1", 30);
  Queue("192.0.2.7", 2);
  process_->GoOn();
  int served = 0;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    const Answer answer = clients_[i]->Receive().value_or(Answer{});
    if (i >= 30) {
      EXPECT_EQ(answer.status, 200) << "of the network that asked for little";
    } else if (answer.status == 200) {
      ++served;
    } else {
      EXPECT_EQ(answer.status, 503);
      EXPECT_FALSE(answer.Header("Retry-After").empty());
    }
  }
  EXPECT_GE(served, 6);
  EXPECT_LT(served, 30);
}

TEST_F(LoginQueue, WhoLeftWhileWaitingIsNotServed) {
  Start(OneRequestEach(64));
  process_->Pause();
  Queue("192.0.2.7", 3, "/write");
  Queue("192.0.2.8", 1);
  for (int i = 0; i < 3; ++i) clients_[static_cast<std::size_t>(i)]->Close();
  process_->GoOn();
  EXPECT_EQ(clients_[3]->Receive().value_or(Answer{}).body, "hello");
  process_->Drain();
  EXPECT_EQ(process_->Wait(), 0) << "no write is on its way";
}

TEST_F(LoginQueue, AChildThatIsToldToEndServesWhoWaits) {
  for (const bool drains : {true, false}) {
    Start(OneRequestEach(64));
    process_->Pause();
    clients_.clear();
    Queue("192.0.2.7", 3, "/slow");
    process_->GoOn();
    EXPECT_EQ(clients_[0]->Receive().value_or(Answer{}).body, "slow") << "all three are taken in";
    drains ? process_->Drain() : process_->Stop();
    for (std::size_t i = 1; i < 3; ++i) {
      EXPECT_EQ(clients_[i]->Receive().value_or(Answer{}).body, "slow");
    }
    EXPECT_EQ(process_->Wait(), 0);
  }
}

TEST_F(LoginQueue, WhatABusyChildHasNotTakenInItsSiblingsServe) {
  Start(OneRequestEach(64));
  FcgiClient busy(socket());
  const std::string released = dir_ / "released";
  const std::string entered = dir_ / "entered";
  ASSERT_TRUE(busy.Send(RequestTo("POST", "/held-by-file", released + "\n" + entered),
                        released + "\n" + entered));
  while (::access(entered.c_str(), F_OK) != 0) usleep(1000);
  const auto first = std::move(process_);
  Start(OneRequestEach(64));
  Queue("192.0.2.7", 40);
  for (auto& client : clients_) EXPECT_EQ(client->Receive().value_or(Answer{}).body, "hello");
  std::ofstream(released).put('x');
  EXPECT_EQ(busy.Receive().value_or(Answer{}).body, "held");
}

// ---- drain and recycle ----

TEST_F(FcgiLoopTest, ADrainingChildServesItsKeptConnectionsAndLeavesNewOnesToTheNext) {
  Start();
  FcgiClient kept(socket());
  ASSERT_TRUE(kept.Ask(RequestTo("GET", "/")));
  process_->Drain();
  const auto old = std::move(process_);
  const std::string old_pid = kept.Ask(RequestTo("GET", "/pid")).value_or(Answer{}).body;
  ASSERT_FALSE(old_pid.empty());
  Start();
  EXPECT_NE(Ask(RequestTo("GET", "/pid")).body, old_pid);
  EXPECT_EQ(kept.Ask(RequestTo("GET", "/pid")).value_or(Answer{}).body, old_pid);
  kept.Close();
  EXPECT_EQ(old->Wait(), 0);
}

TEST_F(FcgiLoopTest, SigtermWhileAWriteIsPendingLosesNoAnswer) {
  Start();
  FcgiClient waiting(socket());
  ASSERT_TRUE(waiting.Send(RequestTo("POST", "/write")));
  const auto record = writer_.Receive();
  ASSERT_TRUE(record);
  FcgiClient kept(socket());
  ASSERT_TRUE(kept.Send(RequestTo("GET", "/")));
  ASSERT_TRUE(kept.Receive());
  process_->Drain();
  EXPECT_TRUE(kept.Ask(RequestTo("GET", "/")));
  ASSERT_TRUE(writer_.Answer(*record));
  EXPECT_EQ(waiting.Receive().value_or(Answer{}).body, "w");
  kept.Close();
  waiting.Close();
  EXPECT_EQ(process_->Wait(), 0);
}

TEST_F(FcgiLoopTest, SigtermInTheMiddleOfManyRequestsFailsNone) {
  Start();
  FcgiClient client(socket());
  for (int i = 0; i < 300; ++i) {
    if (i == 100) process_->Drain();
    ASSERT_TRUE(client.Ask(RequestTo("GET", "/"))) << i;
  }
  client.Close();
  EXPECT_EQ(process_->Wait(), 0);
}

TEST_F(FcgiLoopTest, AStoppingChildAnswersWhatItHoldsThenClosesAndEnds) {
  Start();
  FcgiClient idle(socket()), asking(socket()), waiting(socket());
  ASSERT_TRUE(idle.Ask(RequestTo("GET", "/")) && asking.Ask(RequestTo("GET", "/")));
  ASSERT_TRUE(waiting.Send(RequestTo("POST", "/write-twice")));
  auto record = writer_.Receive();
  ASSERT_TRUE(record);
  process_->Stop();
  EXPECT_TRUE(asking.Ask(RequestTo("GET", "/")));  // nginx did not know yet
  EXPECT_TRUE(asking.SeesClose());
  ASSERT_TRUE(writer_.Answer(*record));
  record = writer_.Receive();
  ASSERT_TRUE(record && writer_.Answer(*record));
  EXPECT_EQ(waiting.Receive().value_or(Answer{}).body, "ww");
  EXPECT_TRUE(waiting.SeesClose());
  EXPECT_TRUE(idle.SeesClose());
  EXPECT_EQ(process_->Wait(), 0);
}

TEST_F(FcgiLoopTest, AChildThatDrainsCanStillBeStopped) {
  Start();
  FcgiClient kept(socket());
  ASSERT_TRUE(kept.Ask(RequestTo("GET", "/")));
  process_->Drain();
  ASSERT_TRUE(kept.Ask(RequestTo("GET", "/")));
  process_->Stop();
  EXPECT_TRUE(kept.SeesClose());
  EXPECT_EQ(process_->Wait(), 0);
}

// epoll_pwait delivers no signal while it finds events ready: a busy child would never drain.
TEST_F(FcgiLoopTest, SigtermIsSeenByAChildThatIsNeverIdle) {
  Start();
  FcgiClient a(socket()), b(socket());
  const std::string old_pid = a.Ask(RequestTo("GET", "/pid")).value_or(Answer{}).body;
  ASSERT_TRUE(b.Ask(RequestTo("GET", "/")));
  const Params slow = RequestTo("GET", "/slow");
  ASSERT_TRUE(a.Send(slow) && a.AwaitRead() && b.Send(slow));
  process_->Drain();
  for (int round = 0; round < 3; ++round) {  // one is always waiting while the other is served
    for (FcgiClient* client : {&a, &b}) {
      ASSERT_TRUE(client->Receive());
      ASSERT_TRUE(client->Send(slow));
    }
  }
  FcgiClient late(socket());
  ASSERT_TRUE(late.Send(RequestTo("GET", "/pid")));
  EXPECT_TRUE(a.Receive() && b.Receive());
  const auto old = std::move(process_);
  Start();
  EXPECT_NE(late.Receive().value_or(Answer{}).body, old_pid);
}

TEST_F(FcgiLoopTest, AnIdleChildEndsAtOnceOnSigterm) {
  Start({.longest_wait = std::chrono::minutes(1)});
  process_->Drain();
  EXPECT_EQ(process_->Wait(), 0);
}

TEST_F(FcgiLoopTest, ADrainEndsThoughNginxHoldsOn) {
  Start({.drain_limit = milliseconds(100)});
  FcgiClient kept(socket());
  ASSERT_TRUE(kept.Ask(RequestTo("GET", "/")));
  process_->Drain();
  EXPECT_EQ(process_->Wait(), 0);
  EXPECT_TRUE(kept.SeesClose());
}

TEST_F(FcgiLoopTest, AChildWithoutAParentDrains) {
  Start();
  FcgiClient kept(socket());
  ASSERT_TRUE(kept.Ask(RequestTo("GET", "/")));
  process_->CloseParentPipe();
  EXPECT_TRUE(kept.Ask(RequestTo("GET", "/")));
  kept.Close();
  EXPECT_EQ(process_->Wait(), 0);
}

TEST_F(FcgiLoopTest, ItAsksForItsReplacementOnceAndServesOn) {
  Start({.recycle_after_requests = 3});
  FcgiClient client(socket());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(client.Ask(RequestTo("GET", "/")));
  EXPECT_EQ(process_->NextWord(), worker::kRecycleNotification);
  client.Close();
  process_->Drain();
  EXPECT_EQ(process_->Wait(), 0);
  EXPECT_EQ(process_->NextWord(), '\0');
}

}  // namespace
}  // namespace worker_test
