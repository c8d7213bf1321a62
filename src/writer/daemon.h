// The writer from its start to its stop: lock, socket, page, store, loop. Called once, by main().
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/settings.h"
#include "base/status.h"
#include "shm/writer_page.h"
#include "store/writer_store.h"
#include "writer/arguments.h"
#include "writer/peers/peer_server.h"

namespace writer {

// All that a loop works with, open. References outlive the loop.
struct WriterContext {
  const base::Settings& settings;
  PeerServer& peers;
  store::WriterStore& store;
  shm::WriterPage& page;
  const base::Clock& clock;
  const base::Log& log;
};
// Serves until the stop is asked for.
using Loop = base::Status (*)(const WriterContext&);
// The commit loop (commit_loop.h) as the settings say.
base::Status RunCommitLoop(const WriterContext& context);

// kOk: stopped as it was asked to, everything answered is durable and the WAL is in the database.
// kCorrupt, kInternal: the store failed; any other error: it could not start, and says why.
base::Status RunDaemon(const Arguments& arguments, const base::Log& log, Loop run = &RunCommitLoop);

}  // namespace writer
