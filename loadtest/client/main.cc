// latchkey-load: many HTTP clients in one cheap process, each answer checked. docs/performance.md.
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <barrier>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/os/unique_fd.h"
#include "client/driver.h"
#include "client/options.h"
#include "client/scenario.h"
#include "client/second_log.h"
#include "client/tally.h"

namespace {

int Fail(const base::Status& status) {
  std::fprintf(stderr, "latchkey-load: %s\n", status.message().c_str());
  return 1;
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Readable once SIGINT or SIGTERM came: the load then ends as if its time were over.
base::UniqueFd StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  return base::UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

// All threads begin to ask when the last connection of the last one stands.
std::vector<base::Status> RunAll(const std::vector<std::unique_ptr<load::Driver>>& drivers) {
  std::vector<base::Status> results(drivers.size());
  std::barrier connected(static_cast<std::ptrdiff_t>(drivers.size()));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < drivers.size(); ++i) {
    threads.emplace_back([&, i] {
      results[i] = drivers[i]->Connect();
      connected.arrive_and_wait();
      if (results[i].ok()) results[i] = drivers[i]->Run();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = load::ParseOptions(argc, argv);
  if (!options.ok()) {
    std::fputs(load::kUsage.data(), stderr);
    return Fail(options.error());
  }
  RaiseDescriptorLimit();
  const auto scenario = load::ParseScenario(options->specs, options->host);
  if (!scenario.ok()) return Fail(scenario.error());
  const base::UniqueFd stop = StopSignals();
  std::optional<load::SecondLog> second_log;
  if (!options->seconds_path.empty()) {
    auto opened = load::SecondLog::Open(options->seconds_path, options->threads);
    if (!opened.ok()) return Fail(opened.error());
    second_log.emplace(std::move(*opened));
  }
  std::vector<std::unique_ptr<load::Driver>> drivers;
  for (std::uint32_t i = 0; i < options->threads; ++i) {
    drivers.push_back(std::make_unique<load::Driver>(*options, *scenario, i, stop.get(),
                                                     second_log ? &*second_log : nullptr));
  }
  for (const base::Status& status : RunAll(drivers)) {
    if (!status.ok()) return Fail(status);
  }
  load::Tally total(scenario->kinds.size());
  for (const auto& driver : drivers) total.Merge(driver->tally());
  std::fputs(total.ToJson(*scenario).c_str(), stdout);
  return 0;
}
