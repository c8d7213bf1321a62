#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/os/unique_fd.h"
#include "supervisor/reason.h"
#include "supervisor/service.h"
#include "supervisor/spawn.h"

namespace supervisor {
namespace {

struct Pipe {
  base::UniqueFd reading, writing;
};

Pipe MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  return {base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

std::string ReadAll(int fd) {
  std::string text;
  std::array<char, 512> buffer{};
  for (ssize_t got = 0; (got = read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

int WaitFor(pid_t pid) {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return status;
}

ProcessSpec Shell(const std::string& script, std::vector<NamedSocket> sockets = {}) {
  return {.name = "shell", .arguments = {"/bin/sh", "-c", script}, .sockets = std::move(sockets)};
}

TEST(Spawn, HandsDescriptorsOverFromThreeOnInOrderWithTheirNames) {
  Pipe first = MakePipe();
  Pipe second = MakePipe();
  // Named in the order opposite to their numbers, so that none stays where it was.
  const auto pid =
      Spawn(Shell("echo one >&3; echo two $LISTEN_FDS $LISTEN_FDNAMES $((LISTEN_PID - $$)) >&4",
                  {{"b", second.writing.get()}, {"a", first.writing.get()}}));
  ASSERT_TRUE(pid.ok()) << pid.error().message();
  first.writing.Reset();
  second.writing.Reset();
  EXPECT_EQ(ReadAll(second.reading.get()), "one\n");
  EXPECT_EQ(ReadAll(first.reading.get()), "two 2 b:a 0\n");
  EXPECT_EQ(WaitFor(*pid), 0);
}

TEST(Spawn, TellsNginxOfItsSocketsInNginxsOwnWay) {
  Pipe pipe = MakePipe();
  ProcessSpec spec = Shell("echo \"$NGINX,$LISTEN_FDS\" >&3", {{"x", pipe.writing.get()}});
  spec.handover = SocketHandover::kNginx;
  const auto pid = Spawn(spec);
  ASSERT_TRUE(pid.ok());
  pipe.writing.Reset();
  EXPECT_EQ(ReadAll(pipe.reading.get()), "3;,\n");
  WaitFor(*pid);
}

TEST(Spawn, LeavesNoOtherDescriptorOpenInTheChild) {
  Pipe pipe = MakePipe();
  constexpr int kInherited = 200;  // without close-on-exec, as a shell may leave one
  ASSERT_EQ(dup2(STDERR_FILENO, kInherited), kInherited);
  const auto pid = Spawn(Shell("test -e /proc/$$/fd/200 && echo open >&3 || echo closed >&3",
                               {{"x", pipe.writing.get()}}));
  close(kInherited);
  ASSERT_TRUE(pid.ok());
  pipe.writing.Reset();
  EXPECT_EQ(ReadAll(pipe.reading.get()), "closed\n");
  WaitFor(*pid);
}

TEST(Spawn, SaysWhyAProgramCannotStart) {
  const auto pid = Spawn({.name = "none", .arguments = {"/no/such/program"}, .sockets = {}});
  ASSERT_FALSE(pid.ok());
  EXPECT_EQ(pid.error().code(), base::Code::kNotFound);
  EXPECT_NE(pid.error().message().find("/no/such/program"), std::string::npos);
}

TEST(Spawn, GivesTheChildAGroupOfItsOwnAndNoBlockedSignal) {
  sigset_t blocked;
  sigset_t former;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &former);
  const auto pid = Spawn(Shell("while :; do sleep 1; done"));
  sigprocmask(SIG_SETMASK, &former, nullptr);
  ASSERT_TRUE(pid.ok());
  EXPECT_EQ(getpgid(*pid), *pid);
  kill(-*pid, SIGTERM);
  const int status = WaitFor(*pid);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST(Service, StartsAgainAfterADelayThatGrowsWhileItDiesYoung) {
  Service service(base::kProcesses.front(), Shell("exit 1"));
  EXPECT_FALSE(service.IsDue());  // never started
  base::milliseconds former{0};
  for (int i = 0; i < 12; ++i) {
    service.OnStarted(1);
    service.OnExited();
    EXPECT_GE(service.restart_delay(), former);
    former = service.restart_delay();
  }
  EXPECT_EQ(former, base::milliseconds(5000));
  EXPECT_FALSE(service.IsDue());
}

// What the shell that runs the tests allows is said behind it.
TEST(Reason, IsTheLastWordsOrHowTheSecondTryEnded) {
  for (const auto& [script, reason] :
       {std::pair("echo one >&2; echo two >&2; exit 3", "two"),
        std::pair("exit 3", "it says nothing (a second try: exit code 3)"),
        std::pair("exit 0", "it says nothing (a second try: exit code 0)"),
        std::pair("kill -KILL $$",
                  "it says nothing (a second try: killed by signal 9 (Killed))")}) {
    EXPECT_EQ(ReasonOf(Shell(script)).substr(0, std::string_view(reason).size()), reason);
  }
}

}  // namespace
}  // namespace supervisor
