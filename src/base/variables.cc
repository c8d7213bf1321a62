#include "base/variables.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/nearest.h"
#include "base/settings.h"

namespace base {

namespace {

// All of what is known is written without it.
constexpr std::string_view kPrefix = "LATCHKEY_";

// Not settings, and meant by whoever has one of them set.
constexpr std::array<std::string_view, 2> kOptions{"CONFIG", "ORG"};  // of the latchkey command
constexpr std::array<std::string_view, 16> kOthers{
    // In DATA/demo.env, to be sourced by a shell.
    "URL",
    // tools/, tests/ and loadtest/, run from the same shell.
    "BIN", "KEEP", "MACHINES", "PROOF",
    // What tests/faults/ preloads.
    "CLOCK_OFFSET", "DISK_LOG", "FAILING_FSYNC", "FAILING_WRITE", "LYING_FSYNC", "POISON",
    "POISON_ADDRESS", "SLOW_FSYNC_MS", "SWAP_AT", "SWAP_FILE",
    // tests/wire.
    "WRITE_GOLDEN"};

// What somebody may have meant.
std::vector<std::string> KnownNames() {
  std::vector<std::string> names;
  for (const SettingHelp& setting : DescribeSettings()) {
    names.push_back(setting.environment.substr(kPrefix.size()));
  }
  names.insert(names.end(), kOptions.begin(), kOptions.end());
  return names;
}

bool IsOther(std::string_view name) { return std::ranges::find(kOthers, name) != kOthers.end(); }

}  // namespace

std::vector<UnknownVariable> FindUnknownVariables(std::span<const std::string> environment) {
  const std::vector<std::string> known = KnownNames();
  std::vector<UnknownVariable> unknown;
  for (const std::string_view entry : environment) {
    if (unknown.size() == kMostUnknown) break;
    if (!entry.starts_with(kPrefix)) continue;
    const std::string_view name = entry.substr(0, entry.find('=')).substr(kPrefix.size());
    if (IsOther(name) || std::ranges::find(known, name) != known.end()) continue;
    std::string whole = std::string(kPrefix) + std::string(name);
    if (std::ranges::find(unknown, whole, &UnknownVariable::name) != unknown.end()) continue;
    const std::string nearest = NearestName(name, known);
    unknown.push_back(
        {.name = std::move(whole),
         .nearest = nearest.empty() ? std::string() : std::string(kPrefix) + nearest});
  }
  return unknown;
}

std::vector<std::string> OwnEnvironment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

std::string Describe(const UnknownVariable& variable) {
  return variable.name + " is no setting: " +
         (variable.nearest.empty() ? "latchkey settings lists them all"
                                   : "did you mean " + variable.nearest + "?");
}

void WarnOfUnknownVariables(const Log& log) {
  for (const UnknownVariable& variable : FindUnknownVariables(OwnEnvironment())) {
    log.Warn("unknown_variable", {{"name", variable.name}, {"nearest", variable.nearest}});
  }
}

}  // namespace base
