// What the text of a password hash tells without a password: whether it is ours, and of today's cost.
// The writer asks it too, so that a pool replaces no hash that is good. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace records {

// What the hashes that we make ourselves begin with.
inline constexpr std::string_view kOwnHashPrefix = "$argon2id$";
// Stands before an Argon2id hash that an import brought (as in Django's), until its password was
// right once: it may be of a password as it was typed, ours are of normalized ones alone.
inline constexpr std::string_view kImportMark = "argon2";

struct HashCost {
  std::uint32_t memory_kib = 0;
  std::uint32_t passes = 0;
};
// Of the hashes that we make today: OWASP's least for Argon2id (docs/decisions/crypto.md). Raise it
// here, and every hash below it is replaced when its password is right the next time.
inline constexpr HashCost kOwnHashCost{.memory_kib = 19 * 1024, .passes = 2};

// Of $argon2id$v=19$m=MEMORY,t=PASSES,…; nullopt: of another form.
std::optional<HashCost> CostOfOwnHash(std::string_view hash);

// Ours (no mark), and of no less memory and no fewer passes than `least`.
bool IsCurrentHash(std::string_view hash, HashCost least = kOwnHashCost);

}  // namespace records
