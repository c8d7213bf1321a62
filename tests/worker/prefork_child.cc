#include "worker/prefork_child.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/crypto.h"
#include "shm/shared_table.h"
#include "worker/fcgi/request_guard.h"
#include "worker/loop_process.h"
#include "worker/pool/child_slots.h"
#include "worker/pool/command_line.h"

namespace worker_test {

namespace {

http::Outcome AbortResumed(const http::Request& request) {
  return domain::PendingWrite<http::Response>{
      records::Probe{.record_id = request.request_id, .probed_at = {}},
      [](const records::WriteResult&) -> http::Outcome { std::abort(); }};
}

http::Outcome Handle(const http::Request& request, const std::string& version,
                     const std::string& data_dir) {
  if (request.path == "/version") return Text(version);
  if (request.path == "/abort") std::abort();
  if (request.path == "/exit") _exit(3);
  if (request.path == "/abort-resumed") return AbortResumed(request);
  while (request.path == "/hang") pause();
  while (request.path == "/hold" && std::filesystem::exists(data_dir + "hold")) usleep(1000);
  return TestHandler(request);
}

int Serve(const worker::CommandLine& line) {
  const std::string version = ReadAll(line.config_path);
  if (version == "crash") return 9;
  while (version == "unready") pause();
  const auto slots = worker::ChildSlots::Map(base::UniqueFd(line.place.slots_fd));
  if (!slots.ok()) return 4;
  crypto::SystemRandom random;
  const auto tables = shm::SharedTables::Open(line.data_dir + "shared.tables", random);
  if (!tables.ok()) return 6;
  const base::SystemClock clock;
  worker::RequestGuard guard(*slots, line.place.slot, (*tables)->poison(), clock);
  const LoopProcess::Options options{
      .loop = {.listen_fd = line.place.listen_fd,
               .parent_fd = line.place.parent_fd,
               .longest_wait = base::milliseconds(100),
               .recycle_after_requests = version == "recycle" ? 5U : 0U}};
  return LoopProcess::Serve(
      line.data_dir, options, line.place.ready_fd, slots->heartbeat(line.place.slot),
      [&](const http::Request& request) { return Handle(request, version, line.data_dir); },
      &guard);
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
