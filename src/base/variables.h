// Variables of the environment that look like ours and are not: `LATCHKEY_POTR=9000` sets nothing, and nobody
// would say so. They are warned of, never refused: whoever starts us may have put them there for
// somebody else, or for another release (docs/configuration.md). Pure but for OwnEnvironment; thread-safe
// while nobody changes the environment.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/log.h"

namespace base {

struct UnknownVariable {
  std::string name;     // never its value, which may be a secret
  std::string nearest;  // the name that was meant, as far as one is near enough; else empty
};

// Of entries "NAME=VALUE": those whose name begins with LATCHKEY_ and is neither a setting's nor one that
// an option, a file of ours or a program of this repository reads. kMostUnknown at most, each once.
inline constexpr std::size_t kMostUnknown = 20;
std::vector<UnknownVariable> FindUnknownVariables(std::span<const std::string> environment);

std::vector<std::string> OwnEnvironment();

// "LATCHKEY_POTR is no setting: did you mean LATCHKEY_PORT?"
std::string Describe(const UnknownVariable& variable);

// What a daemon does at its start: a line of WARN for each of its own.
void WarnOfUnknownVariables(const Log& log);

}  // namespace base
