// What the parent of a pool leaves behind for the audit log when a child died of a request: it has
// no writer to send a record to, so any child of any pool sends it (worker/death_reporter.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/id.h"

namespace shm {

struct DeathNote {
  base::IdBytes request{};  // its id
  std::string address;      // of its client, kMostAddressBytes at most; empty: unknown
  std::string child;        // "api-2", kMostChildBytes at most
  int wait_status = 0;      // of waitpid(2)
};

// Over words of shared memory, which must outlive it; zeros are no notes. Thread-safe and
// process-safe. A note that whoever took it neither dropped nor gave back in kTakenFor may be taken
// again: its taker died.
class DeathNotes {
 public:
  static constexpr std::size_t kPlaces = 16;
  static constexpr std::size_t kWordsPerNote = 16;
  static constexpr std::size_t kWords = (1 + kPlaces) * kWordsPerNote;
  static constexpr std::size_t kMostAddressBytes = 48;
  static constexpr std::size_t kMostChildBytes = 24;
  static constexpr base::seconds kTakenFor{30};

  explicit DeathNotes(std::span<std::uint64_t> words) : words_(words) {}

  // false: all places hold notes that nobody sent yet, so this one is lost to the audit log.
  [[nodiscard]] bool Leave(const DeathNote& note);
  // How many were ever left: where it did not change there is nothing new to take.
  std::uint64_t left() const;

  struct Taken {
    std::size_t place = 0;
    DeathNote note;
  };
  std::optional<Taken> Take(base::milliseconds now_since_boot);
  // Some are there, taken or not.
  bool HasNotes() const;
  void Drop(std::size_t place);      // it is in the log
  void GiveBack(std::size_t place);  // it could not be sent: somebody else may try

 private:
  std::span<std::uint64_t> Place(std::size_t place) const {
    return words_.subspan((1 + place) * kWordsPerNote, kWordsPerNote);
  }

  std::span<std::uint64_t> words_;
};

}  // namespace shm
