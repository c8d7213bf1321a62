// What `latchkey run` gives its supervisor: the processes (supervisor/plan.h), and closures over nginx's configuration
// and the settings, which it calls on its own thread.
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
