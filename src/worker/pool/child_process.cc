#include "worker/pool/child_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace worker {

base::Result<pid_t> Spawn(const std::string& program, const std::vector<std::string>& arguments,
                          const std::vector<int>& kept_fds) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return base::ErrnoStatus("fork", errno);
  if (pid > 0) return pid;
  for (const int fd : kept_fds) fcntl(fd, F_SETFD, 0);
  execv(program.c_str(), argv.data());
  _exit(127);
}

bool EndedByItself(int wait_status) {
  if (WIFEXITED(wait_status)) return WEXITSTATUS(wait_status) != 0;
  return WTERMSIG(wait_status) != SIGKILL;
}

std::string DescribeExit(int wait_status) {
  if (WIFEXITED(wait_status)) return "exit " + std::to_string(WEXITSTATUS(wait_status));
  const int number = WTERMSIG(wait_status);
  return "signal " + std::to_string(number) + " (" + strsignal(number) + ")";
}

}  // namespace worker
