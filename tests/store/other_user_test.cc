// Workers run as another user than the writer and may only read its files: they must be able to
// open and read them in every state that the log can be in.
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os/unique_fd.h"
#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

constexpr uid_t kOtherUser = 65534;

// A reader in a process of another user, which is of the writer's group. It keeps one connection.
class OtherUsersReader {
 public:
  explicit OtherUsersReader(const std::string& path) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) std::abort();
    child_ = ::fork();
    if (child_ == 0) {
      ::close(ends[0]);
      ::_exit(Serve(path, ends[1]));
    }
    ::close(ends[1]);
    socket_.Reset(ends[0]);
  }
  ~OtherUsersReader() {
    socket_.Reset();
    ::waitpid(child_, nullptr, 0);
  }

  // What the other user's process gets for a live user_code; kUnavailable is tried again for 2 s.
  Code Find(const std::string& user_code) {
    Code code = Code::kInternal;
    if (::send(socket_.get(), user_code.data(), user_code.size(), 0) < 0) return code;
    if (::recv(socket_.get(), &code, sizeof code, 0) != sizeof code) return Code::kInternal;
    return code;
  }

 private:
  static int Serve(const std::string& path, int socket) {
    if (::setgroups(0, nullptr) != 0 || ::setuid(kOtherUser) != 0) return 1;
    store::SqliteReader reader({.database_path = path}, [] { return std::uint64_t{0}; });
    char buffer[64];
    for (;;) {
      const ssize_t size = ::recv(socket, buffer, sizeof buffer, 0);
      if (size <= 0) return 0;
      const Code code = Patiently(reader, std::string(buffer, static_cast<std::size_t>(size)));
      if (::send(socket, &code, sizeof code, 0) != sizeof code) return 1;
    }
  }
  static Code Patiently(store::SqliteReader& reader, const std::string& user_code) {
    const std::int64_t deadline = base::MonotonicMicros() + 2'000'000;
    for (;;) {
      const Code code = reader.FindLiveUserCode(user_code).status().code();
      if (code != Code::kUnavailable || base::MonotonicMicros() > deadline) return code;
    }
  }

  pid_t child_ = -1;
  base::UniqueFd socket_;
};

class OtherUser : public SqliteFixture {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    OpenWriterWithTenant();
  }

  std::string CommitCode() {
    const auto code = s.DeviceCode(tenant);
    EXPECT_EQ(Try(code), Code::kOk);
    return code.user_code;
  }
  // A reader that has been there for long and one that just comes.
  void ExpectSeenByAll(const std::string& user_code, const char* state) {
    EXPECT_EQ(old_reader().Find(user_code), Code::kOk) << state << ", a reader that stayed";
    OtherUsersReader fresh(folder.Database());
    EXPECT_EQ(fresh.Find(user_code), Code::kOk) << state << ", a new reader";
  }
  OtherUsersReader& old_reader() {
    if (old_reader_ == nullptr) {
      old_reader_ = std::make_unique<OtherUsersReader>(folder.Database());
    }
    return *old_reader_;
  }

 private:
  std::unique_ptr<OtherUsersReader> old_reader_;
};

TEST_F(OtherUser, ReadsAfterOneCommit) { ExpectSeenByAll(CommitCode(), "one commit"); }

TEST_F(OtherUser, ReadsAfterACleanStopAndOnWhenTheWriterIsBack) {
  const std::string before = CommitCode();
  ExpectSeenByAll(before, "running");
  ASSERT_TRUE(writer->CloseCleanly().ok());
  writer.reset();
  ExpectSeenByAll(before, "after a clean stop");
  OpenWriter();
  ExpectSeenByAll(before, "the writer back");
  ExpectSeenByAll(CommitCode(), "a commit of the new writer");
}

TEST_F(OtherUser, ReadsAfterRestartAndOnThroughTheNewLog) {
  ExpectSeenByAll(CommitCode(), "running");
  store::Checkpointer::Options options;
  options.restart_frames = 1;
  store::Checkpointer checkpointer(writer->database(), options);
  const std::string before = CommitCode();
  ASSERT_TRUE(checkpointer.RunIfDue().ok());
  ASSERT_EQ(checkpointer.counters().restart, 1U);
  ASSERT_EQ(checkpointer.frames(), 0);
  ExpectSeenByAll(before, "after RESTART");
  ExpectSeenByAll(CommitCode(), "the first commit of the new log");
}

TEST_F(OtherUser, ReadsAfterACrashAndOnWhenTheWriterIsBack) {
  ExpectSeenByAll(CommitCode(), "running");
  writer.reset();
  const auto code = s.DeviceCode(tenant);
  const pid_t crashing = ::fork();
  if (crashing == 0) {
    OpenWriter();
    const bool is_committed = Try(code) == Code::kOk;
    ::_exit(is_committed ? 0 : 1);  // without closing anything
  }
  int status = 0;
  ASSERT_EQ(::waitpid(crashing, &status, 0), crashing);
  ASSERT_EQ(status, 0);
  ExpectSeenByAll(code.user_code, "after a crash");
  OpenWriter();
  ExpectSeenByAll(code.user_code, "the writer back after a crash");
  ExpectSeenByAll(CommitCode(), "a commit of the writer after the crash");
}

TEST_F(OtherUser, CannotWrite) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgroups(0, nullptr) != 0 || ::setuid(kOtherUser) != 0) ::_exit(1);
    const auto writable = store::Database::OpenForWriting({.path = folder.Database()});
    ::_exit(writable.ok() ? 2 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace store_test
