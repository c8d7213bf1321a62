// What the children of all pools count, in memory that they share and that outlives them: requests by
// address and status, how long they took and waited, writes, refusals. A count is one relaxed atomic
// addition to a word that hardly anybody else touches. Counts only grow, until the file is deleted.
// Thread-safe and process-safe but for the route noted. Layout: layout.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/histogram.h"

namespace metrics {

// Appended, never moved: programs of different releases share the words. (tests/metrics/counters_test.cc holds each to
// its word.)
enum class Gauge : std::size_t {
  kPid,
  kStartedAtMs,  // Unix ms
  kHeartbeatMs,  // CLOCK_BOOTTIME, ms, at the last turn of the loop; 0: drained
  kConnections,
  kPendingWrites,  // parked requests: their write is with the writer
  kCpuMicros,      // since the process's start; this and the next once a second
  kResidentBytes,
  kCount
};

// Both halves of Count are appended to: what children count themselves from the first word, what the domain noted from
// kFirstEvent.
inline constexpr std::size_t kFirstEvent = 24;
enum class Count : std::size_t {
  kStarts,
  kDrains,        // children that ended as told; the others died
  kBodyTooLarge,  // requests refused before any handler
  kBodyIncomplete,
  kRequestTooOld,
  kWrites,            // records handed to the wire
  kWritesQueueFull,   // refused: pending_writes_per_child reached
  kWritesSilent,      // refused: the writer's heartbeat is old
  kWritesUnanswered,  // the deadline passed, or the writer refused: not applied, as far as is known
  kWritesDiskFull,    // the writer refused: no room on the disk or in its WAL
  kSlowReads,
  kLogLinesDropped,
  kClientsGone,       // nginx left while the request waited or its write was pending
  kPoisonousRequest,  // requests refused because a child died of them, or of their network's
  kNetworkShutOut,
  kDeathsAtWork,                 // of a request: it ended by itself while it worked on one
  kNoRoom,                       // refused: too many wait, most of them of the same network
  kOwnEnd,                       // no count; what is appended stands before it
  kWrongUserCode = kFirstEvent,  // what the domain notes (worker/app.cc)
  kUserCodesLimited,
  kWrongPassword,
  kPasswordsLimited,
  kAccountLimited,
  kDeviceCodesLimited,
  kUnknownDeviceCodesLimited,
  kPollTooFast,
  kRefreshesLimited,
  kAssertionsLimited,
  kSignInsLimited,
  kDecisionsLimited,
  kCount
};

// ---- counting ----

class ChildCounters {
 public:
  // The words of a child, claimed by its name ("api-2"; 24 bytes at most), and those of each route of
  // `routes`, in which index 0 is for what no route serves. nullopt: no room for one more child. Routes
  // for which there is no room are counted with index 0.
  static std::optional<ChildCounters> Claim(std::span<std::uint64_t> section, std::string_view name,
                                            std::span<const std::string> routes);

  void Add(Count count, std::uint64_t n = 1);
  void Set(Gauge gauge, std::uint64_t value);

  // The route of the request that is handled now. The loop asks after the handler returned: what
  // follows later, when a write is durable, it keeps with the connection.
  void NoteRoute(std::size_t route) { route_ = route; }
  std::size_t TakeRoute();  // and notes 0

  // An answer, `micros` after the child took the request up.
  void NoteAnswer(std::size_t route, int status, std::int64_t micros);
  // How long a request had been under way when the child took it up.
  void NoteWait(std::int64_t micros);

 private:
  ChildCounters(std::uint64_t* child, std::vector<std::uint64_t*> routes)
      : child_(child), routes_(std::move(routes)) {}

  std::uint64_t* child_;
  std::vector<std::uint64_t*> routes_;  // words of each route
  std::size_t route_ = 0;
};

// ---- reading ----

struct RouteCounts {
  std::string name;                        // "POST /oauth/token"; "other"
  std::array<std::uint64_t, 4> classes{};  // 2xx, 3xx, 4xx, 5xx
  Buckets buckets{};
  std::uint64_t micros = 0;  // of all answers together
};
struct ChildCounts {
  std::string name;
  std::array<std::uint64_t, static_cast<std::size_t>(Gauge::kCount)> gauges{};
  std::array<std::uint64_t, static_cast<std::size_t>(Count::kCount)> counts{};
  std::uint64_t requests = 0;

  std::uint64_t operator[](Gauge gauge) const { return gauges[static_cast<std::size_t>(gauge)]; }
  std::uint64_t operator[](Count count) const { return counts[static_cast<std::size_t>(count)]; }
  // Its loop turned less than `old_ms` ago. `now_ms`: CLOCK_BOOTTIME.
  bool IsAlive(std::int64_t now_ms, std::int64_t old_ms) const;
};
struct Counts {
  std::vector<RouteCounts>
      routes;  // of all children together, in the order in which they were claimed
  std::vector<ChildCounts> children;
  Buckets waits{};
  std::uint64_t wait_micros = 0;

  std::uint64_t Sum(Count count) const;
  std::uint64_t Sum(Gauge gauge) const;
};

// A section too short to hold a child reads as empty.
Counts ReadCounts(std::span<std::uint64_t> section);

}  // namespace metrics
