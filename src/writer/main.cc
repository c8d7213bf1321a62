// latchkey-writer: the one process that writes. Exit codes: 0 stopped as asked; 1 could not start;
// 2 the store failed, and what it holds must be read again from the disk by a new process.
#include <cstdlib>
#include <exception>
#include <span>
#include <string_view>

#include "base/log.h"
#include "base/os/file_size_limit.h"
#include "base/os/no_core.h"
#include "writer/arguments.h"
#include "writer/daemon.h"

namespace {

constexpr int kCannotStart = 1;
constexpr int kStoreFailed = 2;
constexpr std::string_view kDamageAdvice =
    "stop the server, keep a copy of latchkey.db and latchkey.db-wal, put the last backup in their "
    "place (docs/trouble.md)";

int ExitCodeOf(const base::Status& status, const base::Log& log) {
  switch (status.code()) {
    case base::Code::kOk:
      return EXIT_SUCCESS;
    case base::Code::kCorrupt:
      log.Write(base::Severity::kFatal, "store_failed",
                {{"reason", status.ToString()}, {"advice", kDamageAdvice}});
      return kStoreFailed;
    case base::Code::kInternal:
      log.Write(base::Severity::kFatal, "store_failed", {{"reason", status.ToString()}});
      return kStoreFailed;
    default:
      log.Write(base::Severity::kFatal, "cannot_serve", {{"reason", status.message()}});
      return kCannotStart;
  }
}

}  // namespace

int main(int argc, char** argv) {
  base::ForbidCores();
  base::FailWritesBeyondTheFileSizeLimit();
  const base::Log log("writer");
  try {
    const auto arguments =
        writer::ParseArguments(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!arguments.ok()) return ExitCodeOf(arguments.error(), log);
    return ExitCodeOf(writer::RunDaemon(*arguments, log), log);
  } catch (const std::exception& error) {
    log.Write(base::Severity::kFatal, "exception", {{"what", error.what()}});
    return kStoreFailed;
  }
}
