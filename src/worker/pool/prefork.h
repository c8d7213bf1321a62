// The parent of one pool: starts a child for each place, replaces those that die, hang or ask for
// it, and rolls the pool over to a new binary and configuration without leaving a socket unserved.
// Single-threaded; the process has no other children. docs/ARCHITECTURE.md "processes".
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/os/unique_fd.h"
#include "base/status.h"
#include "worker/pool/child_process.h"
#include "worker/pool/child_starter.h"

namespace worker {

class Prefork {
 public:
  struct Limits {
    base::milliseconds ready{10000};  // from a child's start to its ready word; of the check too
    base::milliseconds hang{30000};   // of a heartbeat that stands still
    base::milliseconds drain{20000};  // of a replaced child
    base::milliseconds stop{20000};   // of all children at a stop
    // Of a child that died outside of a request: the first respawn happens at once, then after the
    // first back-off, which doubles as long as children die before they serve. One that died inside a
    // request is replaced at once, however often.
    base::milliseconds first_backoff{100};
    base::milliseconds longest_backoff{5000};
    base::milliseconds healthy_after{1000};  // serving so long ends the back-off
  };
  // A child that ended by itself (child_process.h) while it worked on a request.
  struct DeathAtWork {
    std::string child;
    Work work;
    int wait_status = 0;
  };
  struct Options {
    std::string program;  // a path, executed anew for each child, so that a new binary is taken up
    std::vector<std::string> arguments;  // of every child; of the check too, then --check-config
    Limits limits{};
    // Told before the child's slot is cleared, for which the next child with that request waits.
    // May be empty.
    std::function<void(const DeathAtWork&)> on_death_at_work = {};
  };
  // One child serves one place at a time. Several places may share a socket.
  struct Socket {
    std::string name;  // of the place: "api-2"
    int fd = -1;       // not owned
  };

  // Blocks the signals it takes (SIGTERM, SIGINT, SIGHUP, SIGCHLD). `log` outlives it.
  static base::Result<std::unique_ptr<Prefork>> Create(Options options, std::vector<Socket> sockets,
                                                       const base::Log& log);
  ~Prefork();

  // Until SIGTERM or SIGINT and the last child is gone. SIGHUP reloads.
  base::Status Run();

 private:
  enum class Request : std::uint8_t { kNone, kRecycle, kReload };
  struct Place {
    Socket socket;
    std::optional<ChildProcess> serving;      // or starting, where nobody served before
    std::optional<ChildProcess> replacement;  // starting beside the one that serves
    Request request = Request::kNone;         // for a replacement
    base::milliseconds backoff{0};
    base::milliseconds start_at{0};
  };

  Prefork(Options options, ChildStarter starter, std::vector<Socket> sockets, const base::Log& log);
  base::Status Open();

  // One turn of the loop.
  void Wait();
  void TakeSignals();
  void HearChildren();
  void ReadNotification(Place& place, ChildProcess& child);
  void Reap();
  void Tick();

  // The places.
  void TendPlace(Place& place);
  void WatchChild(ChildProcess& child);
  std::optional<ChildProcess> Start(const Place& place);
  void OnReady(Place& place, ChildProcess& child);
  bool OnExitIn(Place& place, pid_t pid, int wait_status);
  bool Bury(const ChildProcess& dead, int wait_status);
  void BackOff(Place& place, const ChildProcess& dead);
  void GiveUpReplacing(Place& place);
  bool IsReplacing() const;
  void Kill(const ChildProcess& child, int signal_number) const;

  // Reload and stop.
  void StartCheck();
  void OnCheckExit(int wait_status);
  void StartStop(std::string_view reason);
  bool IsGone() const;
  template <class Function>
  void ForEachChild(Function function);

  const Limits limits_;
  const std::function<void(const DeathAtWork&)> on_death_at_work_;
  ChildStarter starter_;
  const base::Log& log_;
  std::vector<Place> places_;
  std::vector<ChildProcess> draining_;
  base::UniqueFd signals_;
  pid_t check_pid_ = 0;
  base::milliseconds check_ends_at_{0};
  bool check_again_ = false;
  bool stopping_ = false;
  base::milliseconds stop_ends_at_{0};
  base::milliseconds now_{0};  // monotonic
  base::milliseconds last_tick_{0};
  std::vector<pollfd> polled_;
};

}  // namespace worker
