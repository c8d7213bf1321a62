// The real latchkey-writer as a child process, behind a socket that outlives it, as under a
// supervisor. Needs LATCHKEY_BIN_DIR. Kills what it started.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "shm/writer_page.h"
#include "test_peer.h"
#include "wire/fake_writer.h"

namespace writer_test {

class WriterProcess {
 public:
  enum class Socket : bool { kNone, kInherited };

  explicit WriterProcess(std::string data_dir) : data_dir_(std::move(data_dir)) {
    std::filesystem::create_directories(data_dir_ + "/run");
    listen_fd_ =
        std::move(*base::ListenUnix(socket_path(), base::SocketKind::kSeqPacket, 0600, 64));
  }
  WriterProcess(const WriterProcess&) = delete;
  WriterProcess& operator=(const WriterProcess&) = delete;
  ~WriterProcess() {
    if (pid_ > 0) Kill();
  }

  // Variables of those that are started from now on.
  void SetVariable(const std::string& name, const std::string& value) { variables_[name] = value; }

  // Starts one and waits until it serves.
  void Start(const std::vector<std::string>& options = {}) {
    pid_ = Spawn(options, Socket::kInherited);
    ASSERT_TRUE(Await([&] {
      return page().Get(shm::WriterGauge::kPid) == static_cast<std::uint64_t>(pid_) &&
             page().state() == shm::WriterState::kServing;
    })) << Log();
  }
  // Runs one that is expected to end by itself; gives its exit code.
  int Run(const std::vector<std::string>& options, Socket socket = Socket::kInherited) const {
    return ExitCodeOf(Spawn(options, socket));
  }
  void Signal(int signal) const { ::kill(pid_, signal); }
  void Kill() {
    Signal(SIGKILL);
    Wait();
  }
  // Waits for its end; gives its exit code, -1 after a signal.
  int Wait() { return ExitCodeOf(std::exchange(pid_, 0)); }

  std::string socket_path() const { return data_dir_ + "/run/writer.sock"; }
  std::string database_path() const { return data_dir_ + "/latchkey.db"; }
  std::string Log() const {
    std::ostringstream text;
    text << std::ifstream(log_path()).rdbuf();
    return text.str();
  }
  const shm::WriterPage& page() {
    page_.MapIfMissing();
    return page_;
  }

 private:
  std::string log_path() const { return data_dir_ + "/run/log"; }

  static int ExitCodeOf(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  pid_t Spawn(std::vector<std::string> options, Socket socket) const {
    if (options.empty()) options = {"--data", data_dir_};
    options.insert(options.begin(), LATCHKEY_BIN_DIR "/latchkey-writer");
    const pid_t pid = ::fork();
    if (pid == 0) Become(options, socket);
    return pid;
  }
  [[noreturn]] void Become(std::vector<std::string>& words, Socket socket) const {
    const int log = ::open(log_path().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 2);
    if (socket == Socket::kInherited) {
      if (listen_fd_.get() == 3) {
        ::fcntl(3, F_SETFD, 0);
      } else {
        ::dup2(listen_fd_.get(), 3);
      }
      ::setenv("LISTEN_FDS", "1", 1);
      ::setenv("LISTEN_FDNAMES", "writer", 1);
    }
    for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }

  std::string data_dir_;
  std::map<std::string, std::string> variables_;
  base::UniqueFd listen_fd_;
  pid_t pid_ = 0;
  shm::WriterPage page_{shm::WriterPage::OpenForReading(data_dir_ + "/run/writer.page")};
};

}  // namespace writer_test
