// What `latchkey run` starts: each process with its arguments and sockets. Pure but for the
// closures, which the supervisor calls on its own thread.
#pragma once

#include "ctl/command.h"
#include "ctl/run/run_prepare.h"
#include "supervisor/supervisor.h"

namespace ctl {

// Takes the sockets along; `context` outlives the supervisor.
supervisor::Supervisor::Options SupervisorOptions(Prepared prepared, const Context& context);

// `latchkey demo` on the same data.
supervisor::ProcessSpec DemoSpec(const Prepared& prepared, const Context& context);

}  // namespace ctl
