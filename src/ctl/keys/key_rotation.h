// When a signing key is made, begins to sign, and goes. A key signs in turn with others of its
// algorithm:
//
//   next      in the JWKS, does not sign: so long that everybody's copy of the JWKS has it
//   current   signs
//   retired   in the JWKS until the last token that it signed is dead
//
// A current key that is older than `every` gets a successor, which takes its place once it was
// published for `publish_for`. Ages count from when a key was made, so a key signs for `every`, moved by
// `publish_for`. Run at any times, as often as one likes, the plan comes to the same: each step is
// durable before the next, and what is half done goes on from there. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/settings.h"
#include "base/status.h"
#include "records/rows.h"

namespace ctl {

struct RotationPolicy {
  enum class Haste : std::uint8_t { kByAge, kNow };  // kNow: whatever the ages are
  base::seconds every{0};
  base::seconds publish_for{0};
  Haste haste = Haste::kByAge;
};

inline constexpr base::seconds kRotateEvery{90 * 86400};
inline constexpr base::seconds kPublishFor{86400};

// The shortest publish_for: twice what a copy of the JWKS may be kept, for one copy may be made of
// another.
base::seconds LeastPublishFor(const base::Settings& settings);

// How long a retired key is published: the longest that any token may live (services and the setting
// may have been shortened since), and an hour for clocks that differ.
base::seconds PublishRetiredFor();

struct RotationStep {
  enum class Kind : std::uint8_t {
    kDelete,      // `key`, retired and past its time
    kCreateNext,  // a key of the algorithm
    kPromote,     // `key`, or the one that kCreateNext made just before
    kWait,        // `key` is next, and takes over from `at` on
    kKeep,        // `key` is current, and gets a successor from `at` on
  };
  Kind kind = Kind::kKeep;
  records::SigningAlgorithm algorithm = records::SigningAlgorithm::kEs256;
  records::SigningKeyId key;
  std::string kid;  // empty: the key is not made yet
  base::Time at;    // kWait, kKeep
};

// Of one organization's keys those of one algorithm; nothing where none of them is current. In order.
std::vector<RotationStep> PlanRotation(const std::vector<records::SigningKeyRow>& keys,
                                       records::SigningAlgorithm algorithm,
                                       const RotationPolicy& policy, base::Time now);

// "90d", "12h", "30min", "45s": a whole number and its unit. kInvalid: anything else, or longer than
// ten years.
base::Result<base::seconds> ParseDuration(std::string_view text);

}  // namespace ctl
