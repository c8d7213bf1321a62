// latchkey-ladder-worker: latchkey-worker with another way for its writes, which LADDER_WRITES names:
//   direct   each child writes to the database itself
//   blank    to the writer, which draws the codes
// Takes latchkey-worker's place in an instance of loadtest/ladder/run.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/settings.h"
#include "ladder/worker/blank_writes.h"
#include "ladder/worker/direct_writes.h"
#include "worker/child.h"
#include "worker/pool/command_line.h"
#include "worker/pool/parent.h"

namespace {

base::Status RunDirect(const worker::CommandLine& line, const base::Settings& settings) {
  ladder::DirectWrites writes(settings.DatabasePath());
  return worker::RunChild(line, [&writes](const http::Request& request, worker::AppParts& app) {
    return writes.Finish(worker::HandleRequest(request, app), app);
  });
}

base::Status RunBlank(const worker::CommandLine& line, const base::Settings& settings) {
  const auto key = crypto::MasterKey::Load(settings.MasterKeyPath());
  if (!key.ok()) return key.error();
  std::unique_ptr<ladder::BlankWrites> writes;
  return worker::RunChild(line, [&](const http::Request& request, worker::AppParts& app) {
    if (writes == nullptr) writes = std::make_unique<ladder::BlankWrites>(app.app(), *key);
    return writes->Handle(request);
  });
}

base::Status Run(const worker::CommandLine& line) {
  if (line.mode == worker::CommandLine::Mode::kParent) return worker::RunParent(line);
  if (line.mode != worker::CommandLine::Mode::kChild) {
    return {base::Code::kInvalid, "only a pool's parent and its children"};
  }
  if (line.pool == worker::Pool::kLogin) return worker::RunChild(line);
  const auto settings = base::LoadSettings(line.config_path, line.data_dir);
  if (!settings.ok()) return settings.error();
  const char* name = std::getenv("LADDER_WRITES");
  const std::string_view writes = name == nullptr ? "" : name;
  if (writes == "direct") return RunDirect(line, *settings);
  if (writes == "blank") return RunBlank(line, *settings);
  return {base::Code::kInvalid, "LADDER_WRITES must be direct or blank"};
}

}  // namespace

int main(int argc, char** argv) try {
  const auto line = worker::ParseCommandLine(std::vector<std::string>(argv + 1, argv + argc));
  const base::Status status = line.ok() ? Run(*line) : line.error();
  if (status.ok()) return 0;
  base::Log("worker").Write(base::Severity::kFatal, "stopped", {{"reason", status.message()}});
  return 1;
} catch (const std::exception& error) {
  base::Log("worker").Write(base::Severity::kFatal, "stopped", {{"reason", error.what()}});
  return 1;
}
