#include "worker/pool/prefork.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "crypto/crypto.h"
#include "shm/shared_table.h"
#include "shm/writer_page.h"
#include "worker/fake_writer.h"
#include "worker/fcgi_client.h"
#include "worker/loop_process.h"
#include "worker/pool/death_ledger.h"
#include "worker/prefork_child.h"
#include "worker/routes.h"

namespace worker_test {

namespace {

using base::milliseconds;
using worker::Prefork;

class PreforkTest : public testing::Test {
 protected:
  PreforkTest() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
  ~PreforkTest() override {
    if (parent_ != 0) Stop();
  }

  std::string socket(int i) const { return dir_ / ("api-" + std::to_string(i)); }

  void Configure(const std::string& text) { std::ofstream(dir_ / "config") << text; }

  void Start(int places = 1, Prefork::Limits limits = {}) {
    for (int i = 1; i <= places; ++i) {
      auto fd = base::ListenUnix(socket(i), base::SocketKind::kStream, 0600, 64);
      ASSERT_TRUE(fd.ok());
      sockets_.push_back({.name = "api-" + std::to_string(i), .fd = fd->get()});
      listeners_.push_back(std::move(*fd));
    }
    Launch(limits);
  }

  // A parent on the sockets that are there.
  void Launch(Prefork::Limits limits) {
    Prefork::Options options{.program = "/proc/self/exe",
                             .arguments = {kChildMarker, "--pool", "api", "--config",
                                           dir_ / "config", "--data", dir_ / ""},
                             .limits = limits};
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    log_.Reset(ends[0]);
    const base::UniqueFd log_end(ends[1]);
    parent_ = fork();
    if (parent_ == 0) {
      _exit(Supervise(std::move(options), sockets_, log_end.get(), dir_ / "shared.tables"));
    }
  }

  // A page that says the writer serves: children send it records.
  base::Result<shm::WriterPage> ServingPage() const {
    auto page = shm::WriterPage::OpenForWriting(dir_ / "writer.page");
    if (!page.ok()) return page;
    page->Set(shm::WriterGauge::kState, static_cast<std::uint64_t>(shm::WriterState::kServing));
    page->Set(shm::WriterGauge::kHeartbeatMs,
              static_cast<std::uint64_t>(base::SystemClock().SinceBoot().count()));
    return page;
  }

  // Sends SIGTERM and waits; the exit status of the parent, -1 for a signal.
  int Stop() {
    ::kill(parent_, SIGTERM);
    int status = 0;
    waitpid(std::exchange(parent_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string Ask(const std::string& path, int place = 1) const {
    FcgiClient client(socket(place));
    return client.Ask(RequestTo("GET", path)).value_or(Answer{}).body;
  }
  pid_t ChildPid(int place = 1) const { return std::atoi(Ask("/pid", place).c_str()); }

  // Asks until the answer is `right`, each time on a new connection; false after 20 s.
  bool Await(const std::function<bool()>& right) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!right()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // Reads the parent's log up to a line with `event`; false: none came in 20 s.
  bool AwaitLog(std::string_view event) {
    pollfd polled{.fd = log_.get(), .events = POLLIN, .revents = 0};
    while (logged_.find(event) == std::string::npos) {
      std::array<char, 4096> bytes{};
      if (poll(&polled, 1, 20000) != 1) return false;
      const ssize_t got = ::read(log_.get(), bytes.data(), bytes.size());
      if (got <= 0) return false;
      logged_.append(bytes.data(), static_cast<std::size_t>(got));
    }
    logged_.erase(0, logged_.find(event) + event.size());
    return true;
  }

  TempDir dir_;
  std::vector<base::UniqueFd> listeners_;
  std::vector<Prefork::Socket> sockets_;
  base::UniqueFd log_;
  std::string logged_;
  pid_t parent_ = 0;

 private:
  static int Supervise(Prefork::Options options, std::vector<Prefork::Socket> sockets, int log_fd,
                       const std::string& tables_path) {
    const base::Log log("parent", base::Severity::kInfo, log_fd);
    const base::SystemClock clock;
    crypto::SystemRandom random;
    auto tables = shm::SharedTables::Open(tables_path, random);
    if (!tables.ok()) return 2;
    worker::DeathLedger ledger(std::move(*tables), worker::RouteNames(), clock, log);
    options.on_death_at_work = [&ledger](const auto& death) { ledger.Note(death); };
    auto prefork = Prefork::Create(std::move(options), std::move(sockets), log);
    return prefork.ok() && (*prefork)->Run().ok() ? 0 : 1;
  }
};

// A request of nginx's, with an id of its own unless one is given, from somebody.
Params From(std::string address, std::string path, std::string id = {}) {
  static int made = 0;
  if (id.empty()) id = std::string(24, 'f') + std::to_string(10000000 + ++made);
  Params params = RequestTo("GET", std::move(path));
  std::ranges::find(params, "REMOTE_ADDR", &Params::value_type::first)->second = std::move(address);
  params.emplace_back("REQUEST_ID", std::move(id));
  return params;
}
const std::string kId(32, 'a');

bool IsGone(pid_t pid) { return ::kill(pid, 0) != 0; }

TEST_F(PreforkTest, EachPlaceIsServedByAChildOfItsOwn) {
  Configure("1");
  Start(3);
  const pid_t first = ChildPid(1), second = ChildPid(2), third = ChildPid(3);
  EXPECT_NE(first, 0);
  EXPECT_NE(first, second);
  EXPECT_NE(second, third);
  EXPECT_EQ(Ask("/version"), "1");
}

// The back-off would take a minute.
constexpr Prefork::Limits kLongBackoff{.first_backoff = milliseconds(60000),
                                       .longest_backoff = milliseconds(60000)};

// Sends what a child dies of; true: it died.
bool DiesOf(const std::string& socket, const Params& params) {
  FcgiClient client(socket);
  return client.Send(params) && client.SeesClose();
}

int StatusOf(const std::string& socket, const Params& params) {
  FcgiClient client(socket);
  return client.Ask(params).value_or(Answer{}).status;
}

TEST_F(PreforkTest, AChildThatDiesOfARequestIsReplacedAtOnceHoweverOften) {
  Configure("1");
  Start(1, kLongBackoff);
  int died = 0;
  for (const char* path : {"/abort", "/exit", "/abort", "/exit"}) {
    const pid_t child = ChildPid();
    ASSERT_NE(child, 0);
    EXPECT_TRUE(DiesOf(socket(1), From("203.0.113." + std::to_string(++died), path)));
    const pid_t next = ChildPid();
    EXPECT_NE(next, 0) << path;
    EXPECT_NE(next, child) << path;
  }
}

TEST_F(PreforkTest, OneThatServedIsNeverBackedOffForLongerThanTheFirstTime) {
  Configure("1");
  Start(1, {.first_backoff = milliseconds(10), .longest_backoff = milliseconds(60000)});
  for (int i = 0; i < 16; ++i) {  // doubled each time it would be a minute by now
    const pid_t child = ChildPid();
    ASSERT_NE(child, 0);
    ::kill(child, SIGKILL);
    EXPECT_TRUE(Await([&] { return IsGone(child); }));
  }
  EXPECT_NE(ChildPid(), 0);
}

TEST_F(PreforkTest, ARequestThatAChildDiedOfIsRefusedByTheNextOne) {
  Configure("1");
  Start(2, kLongBackoff);
  const pid_t second = ChildPid(2);
  for (const char* path : {"/abort", "/exit"}) {
    const std::string id = std::string(31, 'b') + (path[1] == 'a' ? '1' : '2');
    EXPECT_TRUE(DiesOf(socket(1), From(path[1] == 'a' ? "203.0.113.1" : "203.0.113.2", path, id)));
    const Params again = From("198.51.100.1", path, id);  // by its id alone
    const auto answer = FcgiClient(socket(2)).Ask(again).value_or(Answer{});
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_NE(answer.body.find("\"server_error\""), std::string::npos) << answer.body;
    EXPECT_EQ(answer.Header("X-Latchkey-Error"), "INTERNAL_SERVER_ERROR");
  }
  EXPECT_EQ(ChildPid(2), second) << "one request costs one child";
}

TEST_F(PreforkTest, TheNetworkOfARequestThatAChildDiedOfIsShutOut) {
  Configure("1");
  Start(2, kLongBackoff);
  EXPECT_TRUE(DiesOf(socket(1), From("2001:db8:0:1::1", "/abort")));
  ASSERT_TRUE(AwaitLog("network_shut_out network=2001:db8:0:1::/64 seconds=10"));
  for (const int place : {1, 2}) {
    FcgiClient client(socket(place));
    const auto refused = client.Ask(From("2001:db8:0:1:ffff::9", "/version")).value_or(Answer{});
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.body.find("\"temporarily_unavailable\""), std::string::npos);
    const int retry_after = std::atoi(refused.Header("Retry-After").c_str());
    EXPECT_TRUE(retry_after >= 1 && retry_after <= 10) << retry_after;
    EXPECT_EQ(client.Ask(From("2001:db8:0:2::1", "/version")).value_or(Answer{}).body, "1");
  }
  EXPECT_EQ(StatusOf(socket(2), From("2001:db8:0:1::1", "/abort")), 503) << "and nobody dies";
}

TEST_F(PreforkTest, ADeathTellsItsRequestInTheLog) {
  Configure("1");
  Start();
  EXPECT_TRUE(DiesOf(socket(1), From("203.0.113.1", "/exit", kId)));
  EXPECT_TRUE(AwaitLog("child_died child=api-1 pid="));
  EXPECT_TRUE(AwaitLog("how=\"exit 3\" address=203.0.113.1 request_id=" + kId));
}

TEST_F(PreforkTest, ARequestWhoseChildWasKilledIsServedByTheNextOne) {
  Configure("1");
  Start(2, kLongBackoff);
  std::ofstream(dir_ / "hold") << "";
  const pid_t first = ChildPid(1);
  FcgiClient waiting(socket(1));
  const Params request = From("203.0.113.1", "/hold", kId);
  ASSERT_TRUE(waiting.Send(request) && waiting.AwaitRead());
  ::kill(first, SIGKILL);
  EXPECT_TRUE(waiting.SeesClose());
  std::filesystem::remove(dir_ / "hold");
  EXPECT_EQ(FcgiClient(socket(2)).Ask(request).value_or(Answer{}).body, "hello");
  EXPECT_EQ(StatusOf(socket(2), From("203.0.113.1", "/version")), 200);
}

TEST_F(PreforkTest, OfTheRequestsOfADeadChildOnlyTheOneItWorkedOnIsRefused) {
  FakeWriter writer(dir_ / "writer.sock");
  const auto page = ServingPage();
  Configure("1");
  Start(2, kLongBackoff);
  FcgiClient parked(socket(1));
  const Params innocent = From("203.0.113.1", "/write", std::string(32, 'b'));
  const Params poisonous = From("203.0.113.2", "/abort-resumed", kId);
  ASSERT_TRUE(parked.Send(innocent));
  ASSERT_TRUE(writer.Receive());
  FcgiClient poison(socket(1));  // a connection that is silent is dropped
  ASSERT_TRUE(poison.Send(poisonous));
  const auto record = writer.Receive();
  ASSERT_TRUE(record);
  ASSERT_TRUE(writer.Answer(*record));  // the child goes on with it
  EXPECT_TRUE(poison.SeesClose());
  EXPECT_TRUE(parked.SeesClose());
  EXPECT_EQ(StatusOf(socket(2), poisonous), 500);
  EXPECT_EQ(StatusOf(socket(2), From("203.0.113.2", "/version")), 503);
  EXPECT_EQ(StatusOf(socket(2), From("203.0.113.1", "/version", std::string(32, 'b'))), 200);
}

TEST_F(PreforkTest, AReplacedChildThatDiesOfARequestIsNotedToo) {
  Configure("1");
  Start(1, {.drain = milliseconds(60000)});
  FcgiClient kept(socket(1));
  ASSERT_TRUE(kept.Ask(RequestTo("GET", "/")));
  Configure("2");
  ::kill(parent_, SIGHUP);
  ASSERT_TRUE(Await([&] { return Ask("/version") == "2"; }));
  ASSERT_TRUE(kept.Send(From("203.0.113.1", "/abort", kId)));
  EXPECT_TRUE(kept.SeesClose());
  EXPECT_TRUE(AwaitLog("network_shut_out network=203.0.113.1"));
  EXPECT_EQ(StatusOf(socket(1), From("198.51.100.1", "/abort", kId)), 500);
}

TEST_F(PreforkTest, SigtermStopsAllChildrenAndExitsCleanly) {
  Configure("1");
  Start(2);
  const pid_t first = ChildPid(1), second = ChildPid(2);
  EXPECT_EQ(Stop(), 0);
  EXPECT_TRUE(IsGone(first));
  EXPECT_TRUE(IsGone(second));
}

TEST_F(PreforkTest, AKilledChildIsReplacedAndItsSocketKeepsItsQueue) {
  Configure("1");
  Start();
  for (int i = 0; i < 3; ++i) {
    const pid_t killed = ChildPid();
    ASSERT_NE(killed, 0);
    ::kill(killed, SIGKILL);
    const pid_t next = ChildPid();  // queued in the socket until the replacement accepts
    EXPECT_NE(next, 0);
    EXPECT_NE(next, killed);
  }
}

TEST_F(PreforkTest, AChildThatCannotStartIsTriedAgainUntilItCan) {
  Configure("crash");
  Start(1, {.first_backoff = milliseconds(10), .longest_backoff = milliseconds(50)});
  FcgiClient waiting(socket(1));
  ASSERT_TRUE(waiting.Send(RequestTo("GET", "/version")));
  Configure("2");
  EXPECT_EQ(waiting.Receive().value_or(Answer{}).body, "2");
}

TEST_F(PreforkTest, ReloadReplacesEveryChildWithoutAFailedRequest) {
  Configure("1");
  Start(2);
  const pid_t first = ChildPid(1), second = ChildPid(2);
  auto kept = std::make_unique<FcgiClient>(socket(1));
  ASSERT_EQ(kept->Ask(RequestTo("GET", "/version")).value_or(Answer{}).body, "1");
  Configure("2");
  ::kill(parent_, SIGHUP);
  int requests = 0, failed = 0;
  EXPECT_TRUE(Await([&] {
    for (const int place : {1, 2}) failed += Ask("/version", place).empty() ? 1 : 0;
    failed += kept->Ask(RequestTo("GET", "/version")).value_or(Answer{}).body == "1" ? 0 : 1;
    requests += 3;
    return Ask("/version", 1) == "2" && Ask("/version", 2) == "2";
  }));
  EXPECT_EQ(failed, 0) << "of " << requests;
  kept.reset();
  EXPECT_TRUE(Await([&] { return IsGone(first) && IsGone(second); }));
}

TEST_F(PreforkTest, ABadConfigurationLeavesTheChildrenAsTheyAre) {
  Configure("1");
  Start();
  const pid_t child = ChildPid();
  Configure("bad");
  ::kill(parent_, SIGHUP);
  EXPECT_TRUE(AwaitLog("reload_refused"));
  EXPECT_EQ(ChildPid(), child);
  Configure("2");
  ::kill(parent_, SIGHUP);
  EXPECT_TRUE(Await([&] { return Ask("/version") == "2"; }));
}

TEST_F(PreforkTest, AReplacementThatNeverGetsReadyLeavesTheOldChildrenServing) {
  Configure("1");
  Start(2, {.ready = milliseconds(300)});
  const pid_t first = ChildPid(1), second = ChildPid(2);
  Configure("unready");
  ::kill(parent_, SIGHUP);
  EXPECT_TRUE(AwaitLog("reload_stopped"));
  EXPECT_EQ(ChildPid(1), first);
  EXPECT_EQ(ChildPid(2), second);
  Configure("2");
  ::kill(parent_, SIGHUP);
  EXPECT_TRUE(Await([&] { return Ask("/version", 1) == "2" && Ask("/version", 2) == "2"; }));
}

TEST_F(PreforkTest, AChildThatServedItsShareIsReplacedWithoutAFailedRequest) {
  Configure("recycle");
  Start();
  const pid_t first = ChildPid();
  ASSERT_NE(first, 0);
  int failed = 0;
  EXPECT_TRUE(Await([&] {
    const pid_t now = ChildPid();
    failed += now == 0 ? 1 : 0;
    return now != first && now != 0;
  }));
  EXPECT_EQ(failed, 0);
  EXPECT_TRUE(Await([&] { return IsGone(first); }));
}

TEST_F(PreforkTest, AChildThatHangsIsKilledAndReplaced) {
  Configure("1");
  Start(1, {.hang = milliseconds(1500)});
  const pid_t hanging = ChildPid();
  FcgiClient client(socket(1));
  ASSERT_TRUE(client.Send(RequestTo("GET", "/hang")));
  EXPECT_TRUE(client.SeesClose());
  const pid_t next = ChildPid();
  EXPECT_NE(next, 0);
  EXPECT_NE(next, hanging);
}

TEST_F(PreforkTest, AnIdleChildIsNotTakenForAHangingOne) {
  Configure("1");
  Start(1, {.hang = milliseconds(1500)});
  const pid_t child = ChildPid();
  FcgiClient witness(socket(1));  // its connection would end with the child
  ASSERT_TRUE(witness.Ask(RequestTo("GET", "/")));
  EXPECT_FALSE(witness.Receive(milliseconds(4000)));
  EXPECT_EQ(ChildPid(), child);
}

TEST_F(PreforkTest, ChildrenOfAKilledParentDrainAndExit) {
  Configure("1");
  Start(2);
  const pid_t first = ChildPid(1), second = ChildPid(2);
  FcgiClient kept(socket(1));
  ASSERT_TRUE(kept.Ask(RequestTo("GET", "/")));
  ::kill(parent_, SIGKILL);
  waitpid(std::exchange(parent_, 0), nullptr, 0);
  int status = 0;
  EXPECT_EQ(waitpid(second, &status, 0), second);  // handed to this process (subreaper)
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(kept.Ask(RequestTo("GET", "/")));
  kept.Close();
  EXPECT_EQ(waitpid(first, &status, 0), first);
  EXPECT_EQ(status, 0);
}

TEST_F(PreforkTest, AStopAnswersWhatIsHeldThoughConnectionsAreKept) {
  Configure("1");
  Start();
  const pid_t child = ChildPid();
  FcgiClient idle(socket(1)), busy(socket(1));
  ASSERT_TRUE(idle.Ask(RequestTo("GET", "/")));
  ASSERT_TRUE(busy.Send(RequestTo("GET", "/slow")) && busy.AwaitRead());
  EXPECT_EQ(Stop(), 0);
  EXPECT_TRUE(IsGone(child));
  EXPECT_EQ(busy.Receive().value_or(Answer{}).body, "slow");
  EXPECT_TRUE(idle.SeesClose());
}

TEST_F(PreforkTest, AStopWaitsForARequestThatStillUsesItsBudget) {
  FakeWriter writer(dir_ / "writer.sock");
  const auto page = ServingPage();
  Configure("1");
  Start();
  const pid_t child = ChildPid();
  FcgiClient waiting(socket(1));
  ASSERT_TRUE(waiting.Send(RequestTo("POST", "/write")));
  const auto record = writer.Receive();
  ASSERT_TRUE(record);
  ::kill(parent_, SIGTERM);
  ASSERT_TRUE(AwaitLog("stopping"));
  EXPECT_FALSE(waiting.HasInput());
  ASSERT_TRUE(writer.Answer(*record));
  EXPECT_EQ(waiting.Receive().value_or(Answer{}).body, "w");
  EXPECT_EQ(Stop(), 0);
  EXPECT_TRUE(IsGone(child));
}

TEST_F(PreforkTest, AStopWaitsNoLongerThanItsLimit) {
  FakeWriter writer(dir_ / "writer.sock");
  const auto page = ServingPage();
  Configure("1");
  Start(1, {.stop = milliseconds(300)});
  const pid_t child = ChildPid();
  FcgiClient waiting(socket(1));
  ASSERT_TRUE(waiting.Send(RequestTo("POST", "/write")));
  ASSERT_TRUE(writer.Receive());  // and never answers; the record's own deadline is 20 s
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Stop(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_TRUE(IsGone(child));
  EXPECT_TRUE(waiting.SeesClose());
}

TEST_F(PreforkTest, AReplacedChildThatDrainsTooLongIsKilled) {
  Configure("1");
  Start(1, {.drain = milliseconds(300)});
  const pid_t old = ChildPid();
  FcgiClient kept(socket(1));  // nginx does not let go of it
  ASSERT_TRUE(kept.Ask(RequestTo("GET", "/")));
  Configure("2");
  ::kill(parent_, SIGHUP);
  EXPECT_TRUE(AwaitLog("child_drains_too_long"));
  EXPECT_TRUE(kept.SeesClose());
  EXPECT_TRUE(Await([&] { return IsGone(old); }));
  EXPECT_EQ(Ask("/version"), "2");
}

TEST_F(PreforkTest, AReplacedChildMayServeItsConnectionsUntilItsLimit) {
  Configure("1");
  Start(1, {.drain = milliseconds(60000)});
  const pid_t old = ChildPid();
  FcgiClient kept(socket(1));
  ASSERT_TRUE(kept.Ask(RequestTo("GET", "/")));
  Configure("2");
  ::kill(parent_, SIGHUP);
  EXPECT_TRUE(Await([&] { return Ask("/version") == "2"; }));
  EXPECT_EQ(kept.Ask(RequestTo("GET", "/version")).value_or(Answer{}).body, "1");
  kept.Close();
  EXPECT_TRUE(Await([&] { return IsGone(old); }));
}

TEST_F(PreforkTest, RequestsThatComeBetweenAStopAndAStartWaitInTheSocket) {
  Configure("1");
  Start();
  ASSERT_EQ(Ask("/version"), "1");
  EXPECT_EQ(Stop(), 0);
  FcgiClient waiting(socket(1));
  ASSERT_TRUE(waiting.Send(RequestTo("GET", "/version")));
  Configure("2");
  Launch({});
  EXPECT_EQ(waiting.Receive().value_or(Answer{}).body, "2");
}

TEST_F(PreforkTest, AChildThatDoesNotStopIsKilledAtTheEndOfTheLimit) {
  Configure("1");
  Start(1, {.stop = milliseconds(300)});
  const pid_t child = ChildPid();
  FcgiClient client(socket(1));
  ASSERT_TRUE(client.Send(RequestTo("GET", "/hang")));
  EXPECT_EQ(Stop(), 0);
  EXPECT_TRUE(IsGone(child));
}

}  // namespace
}  // namespace worker_test
