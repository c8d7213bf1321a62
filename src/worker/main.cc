// latchkey-worker: the prefork parent of a pool, or one of its children.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/os/file_size_limit.h"
#include "base/os/no_core.h"
#include "base/settings.h"
#include "base/variables.h"
#include "worker/child.h"
#include "worker/pool/command_line.h"
#include "worker/pool/parent.h"

namespace {

base::Status RunMode(const worker::CommandLine& line) {
  switch (line.mode) {
    case worker::CommandLine::Mode::kParent:
      return worker::RunParent(line);
    case worker::CommandLine::Mode::kChild:
      return worker::RunChild(line);
    case worker::CommandLine::Mode::kCheckConfig:
      base::WarnOfUnknownVariables(base::Log("worker"));
      return base::LoadSettings(line.config_path, line.data_dir).status();
    case worker::CommandLine::Mode::kHelp:
      std::fputs(worker::kUsage.data(), stdout);
      return {};
  }
  return {base::Code::kInternal, "unknown mode"};
}

}  // namespace

int main(int argc, char** argv) try {
  base::ForbidCores();
  base::FailWritesBeyondTheFileSizeLimit();
  const auto line = worker::ParseCommandLine(std::vector<std::string>(argv + 1, argv + argc));
  const base::Status status = line.ok() ? RunMode(*line) : line.error();
  if (status.ok()) return 0;
  base::Log("worker").Write(base::Severity::kFatal, "stopped", {{"reason", status.message()}});
  return status.code() == base::Code::kInvalid ? 2 : 1;
} catch (const std::exception& error) {
  base::Log("worker").Write(base::Severity::kFatal, "stopped", {{"reason", error.what()}});
  return 1;
}
