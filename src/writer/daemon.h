// The writer from its start to its stop: lock, socket, page, store, loop. Called once, by main().
#pragma once

#include "base/log.h"
#include "base/status.h"
#include "writer/arguments.h"

namespace writer {

// kOk: stopped as it was asked to, everything answered is durable and the log is in the database.
// kCorrupt, kInternal: the store failed; any other error: it could not start, and says why.
base::Status RunDaemon(const Arguments& arguments, const base::Log& log);

}  // namespace writer
