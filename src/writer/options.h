// What the settings make of the writer: the options of each part, in one place, so that a test can
// see that every setting steers something.
#pragma once

#include <cstdint>

#include "base/settings.h"
#include "base/status.h"
#include "store/audit/audit_keeper.h"
#include "store/writer_store.h"
#include "writer/commit_loop.h"
#include "writer/peers/peer_server.h"

namespace writer {

// Whose records are taken. kInvalid: web_user names no user of this machine.
base::Result<Admission> AdmissionFrom(const base::Settings& settings);
// `floor`: as in WriterStoreOptions.
store::WriterStoreOptions StoreOptionsFrom(const base::Settings& settings, std::uint64_t floor);
store::AuditKeeper::Options AuditOptionsFrom(const base::Settings& settings);
CommitLoopOptions LoopOptionsFrom(const base::Settings& settings);

}  // namespace writer
