#include "worker/prefork_child.h"

#include <unistd.h>

#include <fstream>
#include <iterator>

#include "worker/loop_process.h"
#include "worker/pool/command_line.h"
#include "worker/pool/heartbeat_page.h"

namespace worker_test {

namespace {

http::Outcome Handle(const http::Request& request, const std::string& version) {
  if (request.path == "/version") return Text(version);
  while (request.path == "/hang") pause();
  return TestHandler(request);
}

int Serve(const worker::CommandLine& line) {
  const std::string version = ReadAll(line.config_path);
  if (version == "crash") return 9;
  while (version == "unready") pause();
  auto heartbeats = worker::HeartbeatPage::Map(base::UniqueFd(line.place.heartbeat_fd));
  if (!heartbeats.ok()) return 4;
  const LoopProcess::Options options{
      .loop = {.listen_fd = line.place.listen_fd,
               .parent_fd = line.place.parent_fd,
               .longest_wait = base::milliseconds(100),
               .recycle_after_requests = version == "recycle" ? 5U : 0U}};
  return LoopProcess::Serve(
      line.data_dir, options, line.place.ready_fd, heartbeats->slot(line.place.heartbeat_slot),
      [&version](const http::Request& request) { return Handle(request, version); });
}

}  // namespace

int RunPreforkChild(const std::vector<std::string>& arguments) {
  const auto line = worker::ParseCommandLine(arguments);
  if (!line.ok()) return 5;
  if (line->mode == worker::CommandLine::Mode::kCheckConfig) {
    return ReadAll(line->config_path) == "bad" ? 2 : 0;
  }
  return Serve(*line);
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace worker_test
