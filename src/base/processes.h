// Every process that serves, declared once (Postfix's master.cf is the model). `latchkey run` starts them from this
// table; status, top and doctor show them by it; tests/supervisor/processes_test.cc compares systemd's units, the
// package and docs/ARCHITECTURE.md with it. A row that contradicts itself or another does not compile.
//
// It stands in base because workers and the writer may see it as well as `latchkey`. Constants.
#pragma once

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/settings.h"

namespace base {

enum class Listens : std::uint8_t { kOnPublicPort, kOnStream, kOnSeqPacket };
// What the processes after it wait for.
enum class ReadyWhen : std::uint8_t { kStarted, kPageSaysServing, kHealthzAnswers };
enum class OnHangUp : std::uint8_t { kNothing, kReloads };
enum class DatabaseAccess : std::uint8_t { kNone, kReads, kWrites };
enum class NetworkAccess : std::uint8_t { kNone, kHas };
enum class KeyAccess : std::uint8_t { kNone, kGets };

struct Process {
  std::string_view name;  // NAME.pid, NAME.sock, latchkey-NAME.service and .socket
  std::string_view
      program;            // below libexec/latchkey; nginx: along PATH, and the distribution's unit
  std::string_view pool;  // its --pool, if it has one
  std::string_view user;  // of its unit; all that `latchkey run` starts is one user's
  Listens listens;
  // If set, so many sockets, one for each of its children: NAME-1.sock, NAME-2.sock, ...
  std::int64_t Settings::*sockets;
  // Names of earlier rows, or ""; a stop goes the other way.
  std::array<std::string_view, 2> starts_after;
  ReadyWhen ready_when;
  int stop_signal;
  milliseconds stop_limit;  // then it is killed
  bool answers_requests;    // so it has request_budget_ms more
  OnHangUp on_hang_up;
  bool holds_clients;  // a descriptor each: doctor looks whether it may open enough
  DatabaseAccess database;
  NetworkAccess network;
  KeyAccess keys;

  constexpr bool is_ours() const { return program.starts_with("latchkey-"); }
};

inline constexpr std::array kProcesses{
    Process{.name = "writer",
            .program = "latchkey-writer",
            .pool = "",
            .user = "latchkey",
            .listens = Listens::kOnSeqPacket,
            .sockets = nullptr,
            .starts_after = {"", ""},
            .ready_when = ReadyWhen::kPageSaysServing,
            .stop_signal = SIGTERM,
            .stop_limit = milliseconds(10000),  // it empties its WAL
            .answers_requests = false,
            .on_hang_up = OnHangUp::kNothing,
            .holds_clients = false,
            .database = DatabaseAccess::kWrites,
            .network = NetworkAccess::kNone,
            .keys = KeyAccess::kNone},
    Process{.name = "api",
            .program = "latchkey-worker",
            .pool = "api",
            .user = "latchkey-web",
            .listens = Listens::kOnStream,
            .sockets = &Settings::api_children,
            .starts_after = {"writer", ""},
            .ready_when = ReadyWhen::kStarted,
            .stop_signal = SIGTERM,
            // Longer than the pools' parents wait for their children (worker/pool/parent.cc).
            .stop_limit = milliseconds(3000),
            .answers_requests = true,
            .on_hang_up = OnHangUp::kReloads,
            .holds_clients = true,
            .database = DatabaseAccess::kReads,
            .network = NetworkAccess::kNone,
            .keys = KeyAccess::kGets},
    Process{.name = "login",
            .program = "latchkey-worker",
            .pool = "login",
            .user = "latchkey-web",
            .listens = Listens::kOnStream,
            .sockets = nullptr,  // a child accepts only while it is idle
            .starts_after = {"writer", ""},
            .ready_when = ReadyWhen::kStarted,
            .stop_signal = SIGTERM,
            .stop_limit = milliseconds(3000),
            .answers_requests = true,
            .on_hang_up = OnHangUp::kReloads,
            .holds_clients = false,
            .database = DatabaseAccess::kReads,
            .network = NetworkAccess::kNone,
            .keys = KeyAccess::kGets},
    Process{.name = "nginx",
            .program = "nginx",
            .pool = "",
            .user = "www-data",
            .listens = Listens::kOnPublicPort,
            .sockets = nullptr,
            .starts_after = {"api", "login"},
            .ready_when = ReadyWhen::kHealthzAnswers,
            .stop_signal = SIGQUIT,
            .stop_limit = milliseconds(5000),  // it has sent its pools all they will get
            .answers_requests = false,
            .on_hang_up = OnHangUp::kReloads,
            .holds_clients = true,
            .database = DatabaseAccess::kNone,
            .network = NetworkAccess::kHas,
            .keys = KeyAccess::kNone},
};
inline constexpr std::size_t kProcessCount = kProcesses.size();
// The one that writes.
inline constexpr const Process& kWriter =
    *std::ranges::find(kProcesses, DatabaseAccess::kWrites, &Process::database);

// Its row; kProcessCount: there is none.
constexpr std::size_t ProcessIndex(std::string_view name) {
  const auto* found = std::ranges::find(kProcesses, name, &Process::name);
  return static_cast<std::size_t>(found - kProcesses.begin());
}

// 0: starts first; else one more than the latest that it starts after.
constexpr std::size_t StageOf(const Process& process) {
  std::size_t stage = 0;
  for (const std::string_view before : process.starts_after) {
    if (!before.empty()) stage = std::max(stage, 1 + StageOf(kProcesses.at(ProcessIndex(before))));
  }
  return stage;
}

// Names of the sockets in run_dir, without ".sock"; none: it listens on the public port.
std::vector<std::string> SocketNamesOf(const Process& process, const Settings& settings);
// How long it may take to stop.
milliseconds StopLimitOf(const Process& process, const Settings& settings);

// ---- what every row must be ----

namespace processes {

constexpr bool IsNamed(const Process& process) {
  const bool is_word =
      std::ranges::all_of(process.name, [](char c) { return c >= 'a' && c <= 'z'; });
  const bool has_pool = process.program == "latchkey-worker";
  return is_word && !process.name.empty() && process.pool == (has_pool ? process.name : "");
}
constexpr bool StartsAfterEarlierOnes(std::size_t index) {
  return std::ranges::all_of(kProcesses[index].starts_after, [index](std::string_view before) {
    return before.empty() || ProcessIndex(before) < index;
  });
}
// Strangers' requests never reach who may write; whoever writes never sees a key; a process with keys sends nothing
// out.
constexpr bool KeepsApart(const Process& process) {
  if (process.keys == KeyAccess::kGets && process.network == NetworkAccess::kHas) return false;
  if (process.database == DatabaseAccess::kWrites) {
    return process.keys == KeyAccess::kNone && process.network == NetworkAccess::kNone &&
           process.listens == Listens::kOnSeqPacket;
  }
  return process.listens != Listens::kOnPublicPort || process.network == NetworkAccess::kHas;
}
constexpr bool AreSound() {
  for (std::size_t i = 0; i < kProcessCount; ++i) {
    const Process& process = kProcesses[i];
    if (!IsNamed(process) || ProcessIndex(process.name) != i || !StartsAfterEarlierOnes(i))
      return false;
    if (!KeepsApart(process) || process.user.empty() || process.stop_limit.count() <= 0)
      return false;
  }
  return true;
}
constexpr bool HasOne(auto member, auto value) {
  return std::ranges::count(kProcesses, value, member) == 1;
}

static_assert(AreSound(), "see the functions above");
static_assert(HasOne(&Process::database, DatabaseAccess::kWrites), "one connection writes");
static_assert(HasOne(&Process::ready_when, ReadyWhen::kPageSaysServing), "there is one page");
static_assert(HasOne(&Process::listens, Listens::kOnPublicPort), "the port is one's alone");
static_assert(HasOne(&Process::ready_when, ReadyWhen::kHealthzAnswers), "asked at the public port");

}  // namespace processes

}  // namespace base
