// latchkey-ladder-truncate DATABASE EVERY_MS
// What the story ran beside its writer: wal_checkpoint(TRUNCATE) on a connection of its own, the first
// time after EVERY_MS. Prints a line of JSON for each; times are CLOCK_MONOTONIC. Ends at SIGTERM, or
// when its parent dies, once the checkpoint that runs is over.
#include <sys/prctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "store/database.h"

namespace {

constexpr const char* kBusyTimeout = "PRAGMA busy_timeout=5000";  // as DirectWrites has it
constexpr int kMostEveryMs = 600'000;

int Fail(const std::string& why) {
  std::fprintf(stderr, "latchkey-ladder-truncate: %s\n", why.c_str());
  return 1;
}

std::int64_t FileBytes(const std::string& path) {
  struct stat file {};
  return ::stat(path.c_str(), &file) == 0 ? std::int64_t{file.st_size} : 0;
}

// true: told to end before that time.
bool IsToldToEndBefore(std::int64_t micros, const sigset_t& stop) {
  const std::int64_t left = std::max<std::int64_t>(micros - base::MonotonicMicros(), 0);
  const timespec timeout{.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
  return ::sigtimedwait(&stop, nullptr, &timeout) == SIGTERM;
}

// A checkpoint that readers or writers kept from its end is one too: `busy` tells.
base::Status Checkpoint(store::Database& database, const std::string& path) {
  const std::int64_t bytes = FileBytes(path + "-wal");
  const std::int64_t began = base::MonotonicMicros();
  const auto busy = database.QueryInteger("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!busy.ok() && busy.error().code() != base::Code::kUnavailable) return busy.error();
  std::printf(R"({"began_us": %lld, "took_us": %lld, "busy": %s, "wal_bytes": %lld})"
              "\n",
              static_cast<long long>(began),
              static_cast<long long>(base::MonotonicMicros() - began),
              busy.ok() && *busy == 0 ? "false" : "true", static_cast<long long>(bytes));
  std::fflush(stdout);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const int every_ms = argc == 3 ? std::atoi(argv[2]) : 0;
  if (every_ms < 1 || every_ms > kMostEveryMs) {
    return Fail("usage: latchkey-ladder-truncate DATABASE EVERY_MS");
  }
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &stop, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const std::string path = argv[1];
  auto database = store::Database::OpenForWriting({.path = path});
  if (!database.ok()) return Fail(database.error().ToString());
  if (const auto status = database->Execute(kBusyTimeout); !status.ok()) {
    return Fail(status.ToString());
  }
  std::int64_t next = base::MonotonicMicros() + every_ms * std::int64_t{1000};
  for (; !IsToldToEndBefore(next, stop); next += every_ms * std::int64_t{1000}) {
    if (const auto status = Checkpoint(*database, path); !status.ok()) {
      return Fail(status.ToString());
    }
  }
  return 0;
}
