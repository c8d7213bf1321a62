#include "worker/pool/child_starter.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/os/unix_socket.h"
#include "worker/pool/command_line.h"

namespace worker {

namespace {

struct Pipe {
  base::UniqueFd read, write;
};

base::Result<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return base::ErrnoStatus("pipe2", errno);
  return Pipe{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

}  // namespace

base::Result<ChildStarter> ChildStarter::Create(std::string program,
                                                std::vector<std::string> arguments) {
  auto slots = ChildSlots::Create();
  if (!slots.ok()) return slots.error();
  auto pipe = MakePipe();
  if (!pipe.ok()) return pipe.error();
  ChildStarter starter(std::move(program), std::move(arguments), std::move(*slots));
  starter.parent_pipe_read_ = std::move(pipe->read);
  starter.parent_pipe_write_ = std::move(pipe->write);
  return starter;
}

base::Result<ChildProcess> ChildStarter::Start(const std::string& name, int listen_fd,
                                               base::milliseconds now) {
  const auto slot = std::ranges::find(slot_taken_, false);
  if (slot == slot_taken_.end()) return base::Status(base::Code::kFull, "too many children");
  auto pipe = MakePipe();
  if (!pipe.ok()) return pipe.error();
  if (auto status = base::SetNonBlocking(pipe->read.get()); !status.ok()) return status;
  const ChildPlace place{.name = name,
                         .listen_fd = listen_fd,
                         .parent_fd = parent_pipe_read_.get(),
                         .ready_fd = pipe->write.get(),
                         .slots_fd = slots_.fd(),
                         .slot = static_cast<std::size_t>(slot - slot_taken_.begin())};
  slots_.Open(place.slot);
  std::vector<std::string> arguments = arguments_;
  std::ranges::move(ToArguments(place), std::back_inserter(arguments));
  const auto pid = Spawn(program_, arguments,
                         {place.listen_fd, place.parent_fd, place.ready_fd, place.slots_fd});
  if (!pid.ok()) return pid.error();
  *slot = true;
  ChildProcess child;
  child.name = name;
  child.pid = *pid;
  child.ready_pipe = std::move(pipe->read);
  child.slot = place.slot;
  child.state_since = now;
  return child;
}

void ChildStarter::Forget(const ChildProcess& child) {
  slots_.Clear(child.slot);
  slot_taken_[child.slot] = false;
}

base::Result<pid_t> ChildStarter::StartCheck() const {
  std::vector<std::string> arguments = arguments_;
  arguments.emplace_back("--check-config");
  return Spawn(program_, arguments, {});
}

}  // namespace worker
