// Secrets drawn for people. Functions are as thread-safe as the Random they take.
#pragma once

#include <string>

#include "domain/ports/random.h"

namespace ctl {

// Twenty characters that are easily read and typed, in groups of five: 100 bits.
std::string DrawPassword(domain::Random& random);

}  // namespace ctl
