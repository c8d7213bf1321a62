#include "ctl/run/nftables_watch.h"

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <initializer_list>
#include <iostream>
#include <string>
#include <utility>

#include "ctl/run/nftables.h"
#include "ctl/run/standing.h"

namespace ctl {

namespace {

constexpr timespec kPause{.tv_sec = 1, .tv_nsec = 0};
constexpr int kCountsPerLook = 5;  // so often it shows that somebody flushed the table

// KILL, for it inherits what we block. One that hangs must not keep us from seeing who is full, nor from ending.
constexpr const char* kNft = "timeout --signal=KILL 5 nft --file -";
constexpr int kKilled = 128 + SIGKILL;  // how a shell says that its command was

base::Status RunNft(const std::string& text) {
  FILE* pipe = ::popen(kNft, "we");  // NOLINT(cert-env33-c): a constant, no word of anybody's
  if (pipe == nullptr) return base::ErrnoStatus("nft", errno);
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), pipe);
  const int status = ::pclose(pipe);
  if (status == 0 && written == text.size()) return {};
  const bool was_killed = WIFSIGNALED(status) || WEXITSTATUS(status) == kKilled;
  return {base::Code::kUnavailable, was_killed ? "nft hung: it was killed after 5 s"
                                               : "nft did not take the table of connections"};
}

sigset_t SetOf(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

class Watch {
 public:
  Watch(const SettingsSource& settings, const std::vector<std::int64_t>& ports)
      : settings_(settings), ports_(ports) {}

  base::Status Load() {
    const auto settings = settings_();
    if (!settings.ok()) return settings.error();
    const auto table = RenderNftables(*settings, ports_);
    if (!table.ok()) return table.error();
    if (base::Status loaded = RunNft(*table); !loaded.ok()) return loaded;
    bounds_ = BoundsOf(*settings);
    counts_ = 0;
    return Count();
  }

  // Written anew as long as anybody is full: the elements end by themselves. An error: the table is gone, too.
  base::Status Count() {
    const auto peers = StandingPeers(ports_);
    if (!peers.ok()) return peers.error();
    const FullNetworks full = FullNetworksOf(*peers, bounds_);
    const bool is_anybody = full != FullNetworks{};
    const bool was_anybody = std::exchange(was_anybody_, is_anybody);
    if (!is_anybody && !was_anybody && ++counts_ % kCountsPerLook != 0) return {};
    return RunNft(ElementsOf(full));
  }

 private:
  const SettingsSource& settings_;
  const std::vector<std::int64_t>& ports_;
  ConnectionBounds bounds_;
  bool was_anybody_ = false;
  int counts_ = 0;
};

}  // namespace

base::Status WatchConnections(const SettingsSource& settings,
                              const std::vector<std::int64_t>& ports) {
  // A nft that is not there breaks the pipe: that is an error to tell, not our end.
  const sigset_t blocked = SetOf({SIGTERM, SIGINT, SIGHUP, SIGPIPE});
  const sigset_t awaited = SetOf({SIGTERM, SIGINT, SIGHUP});
  if (::sigprocmask(SIG_BLOCK, &blocked, nullptr) != 0)
    return base::ErrnoStatus("sigprocmask", errno);
  Watch watch(settings, ports);
  if (base::Status loaded = watch.Load(); !loaded.ok()) return loaded;
  for (;;) {
    const int signal = ::sigtimedwait(&awaited, nullptr, &kPause);
    if (signal == SIGTERM || signal == SIGINT) return RunNft("delete table inet latchkey\n");
    if (signal == SIGHUP) {
      if (base::Status loaded = watch.Load(); !loaded.ok())
        std::cerr << "latchkey: " << loaded.message() << std::endl;
      continue;
    }
    if (base::Status counted = watch.Count(); !counted.ok()) return counted;
  }
}

}  // namespace ctl
