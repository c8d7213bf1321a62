#include "records/password_hash.h"

#include <charconv>

namespace records {

namespace {

constexpr std::string_view kVersionAndMemory = "v=19$m=";
constexpr std::string_view kPasses = ",t=";

bool Skip(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

bool TakeNumber(std::string_view& text, std::uint32_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

std::optional<HashCost> CostOfOwnHash(std::string_view hash) {
  HashCost cost;
  if (!Skip(hash, kOwnHashPrefix) || !Skip(hash, kVersionAndMemory) ||
      !TakeNumber(hash, &cost.memory_kib) || !Skip(hash, kPasses) ||
      !TakeNumber(hash, &cost.passes) || !hash.starts_with(',')) {
    return std::nullopt;
  }
  return cost;
}

bool IsCurrentHash(std::string_view hash, HashCost least) {
  const auto cost = CostOfOwnHash(hash);
  return cost && cost->memory_kib >= least.memory_kib && cost->passes >= least.passes;
}

}  // namespace records
