// What `latchkey doctor` makes of what it gathered. Pure: each finding has a test that provokes it.
#pragma once

#include <vector>

#include "ctl/doctor/facts.h"
#include "ctl/doctor/finding.h"

namespace ctl {

// One finding at least for each thing looked at, in the order of docs/operations.md.
std::vector<Finding> Diagnose(const DoctorFacts& facts);

}  // namespace ctl
