// An FcgiLoop in a process of its own, with handlers that show what it does, for tests.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"
#include "base/os/unique_fd.h"
#include "base/os/unix_socket.h"
#include "wire/client.h"
#include "worker/fcgi/fcgi_loop.h"
#include "worker/pool/child_process.h"

namespace worker_test {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "worker-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

class CountingRandom final : public domain::Random {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = ++next_;
  }

 private:
  std::uint8_t next_ = 0;
};

inline http::Outcome Text(std::string text, int status = 200) {
  return http::Response{
      .status = status, .content_type = "text/plain", .headers = {}, .body = std::move(text)};
}

// `writes` records one after the other; the last byte of the record id counts them.
inline http::Outcome WriteTimes(records::RecordId id, int writes, std::string text) {
  if (writes == 0) return Text(text);
  ++id.bytes.back();
  return domain::PendingWrite<http::Response>{
      records::EndSession{.record_id = id, .organization_id = {}, .session_id = {}},
      [id, writes, text](const records::WriteResult& result) -> http::Outcome {
        if (result.code == base::Code::kFull) return Text("full", 503);
        if (result.code == base::Code::kUnavailable) return Text("unavailable", 503);
        return WriteTimes(id, writes - 1, text + "w");
      }};
}

inline http::Outcome WriteAndThrow(const records::RecordId& id) {
  return domain::PendingWrite<http::Response>{
      records::Probe{.record_id = id, .probed_at = {}},
      [](const records::WriteResult&) -> http::Outcome { throw std::bad_alloc(); }};
}

inline http::Outcome Probe(records::RecordId id) {
  return domain::PendingWrite<http::Response>{
      records::Probe{.record_id = id, .probed_at = {}},
      [](const records::WriteResult& result) -> http::Outcome {
        return result.code == base::Code::kOk ? Text("ready") : Text("not ready", 503);
      }};
}

inline http::Outcome TestHandler(const http::Request& request) {
  const auto is = [&request](std::string_view path) { return request.path == path; };
  if (is("/write")) return WriteTimes(request.request_id, 1, "");
  if (is("/probe")) return Probe(request.request_id);
  if (is("/write-twice")) return WriteTimes(request.request_id, 2, "");
  if (is("/throw")) throw std::runtime_error("a check of a library's own");
  if (is("/write-and-throw")) return WriteAndThrow(request.request_id);
  if (is("/echo")) return Text(std::string(request.body));
  if (is("/long")) return Text(std::string(1000000, 'x'));
  if (is("/host")) return Text(std::string(request.host));
  if (is("/id")) return Text(base::HexEncode(request.request_id.bytes));
  if (is("/time")) return Text(std::to_string(base::ToUnixMillis(request.received_at)));
  if (is("/pid")) return Text(std::to_string(getpid()));
  if (is("/slow")) {
    usleep(60000);
    return Text("slow");
  }
  if (is("/held-by-file")) {  // body: a file to wait for, and one to make before
    const std::string files(request.body);
    const std::size_t line_end = files.find('\n');
    std::ofstream(files.substr(line_end + 1)).put('x');
    while (::access(files.substr(0, line_end).c_str(), F_OK) != 0) usleep(1000);
    return Text("held");
  }
  if (is("/fail")) return Text("failed", 500);
  if (is("/split")) {
    return http::Response{.status = 200,
                          .content_type = "text/plain",
                          .headers = {{"X-Good", "1"}, {"X-Bad", "1\r\nX-Evil: 1"}},
                          .body = {}};
  }
  return Text("hello");
}

class LoopProcess {
 public:
  struct Options {
    worker::FcgiLoop::Options loop;
    std::size_t max_pending = 100;
    base::milliseconds record_deadline{20000};
    int log_fd = -1;  // -1: no log
  };

  // `dir` holds api.sock, which the test listens on, and writer.sock.
  LoopProcess(const TempDir& dir, Options options) {
    int parent[2], ready[2];
    if (pipe2(parent, O_CLOEXEC) != 0 || pipe2(ready, O_CLOEXEC) != 0) std::abort();
    parent_pipe_.Reset(parent[1]);
    ready_pipe_.Reset(ready[0]);
    pid_ = fork();
    if (pid_ == 0) {
      CloseAllBut({options.loop.listen_fd, parent[0], ready[1], options.log_fd});
      options.loop.parent_fd = parent[0];
      _exit(Serve(dir / "", options, ready[1], nullptr, TestHandler));
    }
    ::close(parent[0]);
    ::close(ready[1]);
  }
  ~LoopProcess() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    Wait();
  }
  LoopProcess(const LoopProcess&) = delete;
  LoopProcess& operator=(const LoopProcess&) = delete;

  // What the loop said next: worker::kReadyNotification or kRecycleNotification; 0: it ended.
  char NextWord() {
    char word = 0;
    return ::read(ready_pipe_.get(), &word, 1) == 1 ? word : '\0';
  }
  void Drain() { ::kill(pid_, SIGTERM); }
  void Stop() { ::kill(pid_, SIGQUIT); }
  void Pause() { ::kill(pid_, SIGSTOP); }
  void GoOn() { ::kill(pid_, SIGCONT); }
  void CloseParentPipe() { parent_pipe_.Reset(); }
  // The exit status; -1 where a signal ended it.
  int Wait() {
    int status = 0;
    waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool HasEnded() {
    return waitid(P_PID, static_cast<id_t>(pid_), &info_, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info_.si_pid == pid_;
  }

  // Runs a loop in this process until it is drained; the exit status. `dir` ends with a slash. /state says which state
  // of the database it would be answered from: how many the loop has asked for.
  static int Serve(const std::string& dir, const Options& options, int ready_fd,
                   std::uint64_t* heartbeat,
                   std::function<http::Outcome(const http::Request&)> handler,
                   worker::RequestGuard* guard = nullptr) {
    const base::SystemClock clock;
    const base::Log log("loop", base::Severity::kWarn, options.log_fd);
    CountingRandom random;
    auto loop = worker::FcgiLoop::Create(options.loop, clock, random, log);
    if (!loop.ok()) return 2;
    auto page = shm::WriterPage::OpenForReading(dir + "writer.page");
    wire::Client writer({.socket_path = dir + "writer.sock",
                         .max_pending = options.max_pending,
                         .record_deadline = options.record_deadline,
                         .heartbeat_old = std::chrono::hours(24 * 365)},
                        (*loop)->epoll_fd(), worker::FcgiLoop::kWriterTag, page, clock, log);
    const auto say = [ready_fd](char word) { return ::write(ready_fd, &word, 1) == 1; };
    int states = 0;
    const auto handle = [&](const http::Request& request) {
      return request.path == "/state" ? Text(std::to_string(states)) : handler(request);
    };
    const auto status = (*loop)->Run({.handle = handle,
                                      .refused = {},
                                      .turn_started = [&] { ++states; },
                                      .turn_ended = {},
                                      .ready = [say] { say(worker::kReadyNotification); },
                                      .recycle_due = [say] { say(worker::kRecycleNotification); },
                                      .heartbeat = heartbeat,
                                      .guard = guard},
                                     writer);
    return status.ok() ? 0 : 3;
  }

 private:
  // A copy of a client's descriptor would keep the connection open that the test closes.
  static void CloseAllBut(std::initializer_list<int> kept) {
    for (int fd = 3; fd < 1024; ++fd) {
      if (std::ranges::find(kept, fd) == kept.end()) ::close(fd);
    }
  }

  pid_t pid_ = 0;
  base::UniqueFd parent_pipe_, ready_pipe_;
  siginfo_t info_{};
};

}  // namespace worker_test
