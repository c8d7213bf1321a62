#include "writer/daemon.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/os/unix_socket.h"
#include "base/variables.h"
#include "crypto/hashes.h"
#include "writer/commit_loop.h"
#include "writer/instance_lock.h"
#include "writer/options.h"
#include "writer/sqlite_maintenance.h"
#include "writer/stop_signals.h"

namespace writer {

namespace {

using base::Code;
using base::Settings;
using base::Status;
using shm::WriterGauge;

// Files of ours may be read by our group, the pools', and by nobody else.
constexpr mode_t kUmask = 0027;

// The counters tell of this start; what readers may rely on for ever, the generation, only rises.
void StartPage(std::uint64_t generation, const base::Clock& clock, shm::WriterPage* page) {
  for (auto word = static_cast<std::size_t>(WriterGauge::kPid);
       word < static_cast<std::size_t>(WriterGauge::kCount); ++word) {
    page->Set(static_cast<WriterGauge>(word), 0);
  }
  page->Set(WriterGauge::kStartedAtMs, static_cast<std::uint64_t>(base::ToUnixMillis(clock.Now())));
  page->RaiseTo(WriterGauge::kDirectoryGeneration, generation);
  page->Set(WriterGauge::kPid, static_cast<std::uint64_t>(::getpid()));
}

Status Serve(const Settings& settings, PeerServer& peers, shm::WriterPage& page,
             const base::Log& log, Loop run) {
  const base::SystemClock clock;
  auto store = store::WriterStore::Open(StoreOptionsFrom(settings, page.generation()), clock);
  if (!store.ok()) return store.error();
  StartPage((*store)->generation(), clock, &page);
  const auto schema = (*store)->database().QueryInteger("PRAGMA user_version");
  if (!schema.ok()) return schema.error();
  log.Info("ready", {{"schema", *schema},
                     {"generation", page.generation()},
                     {"database", settings.DatabasePath()}});
  Status status = run({.settings = settings,
                       .peers = peers,
                       .store = **store,
                       .page = page,
                       .clock = clock,
                       .log = log});
  if (!status.ok()) return status;
  // A reader may hold the WAL; then the next writer empties it. Nothing is lost.
  const Status closed = (*store)->CloseCleanly();
  log.Info("stopped", {{"wal", closed.ok() ? "emptied" : closed.message()}});
  return closed.code() == Code::kUnavailable ? Status() : closed;
}

}  // namespace

Status RunCommitLoop(const WriterContext& context) {
  const crypto::OpenSslDigest digest;
  store::AuditKeeper audit(context.store.database(), digest, AuditOptionsFrom(context.settings));
  SqliteMaintenance store(context.store, audit,
                          store::StagedBackupPath(context.settings.DatabasePath()));
  return CommitLoop(LoopOptionsFrom(context.settings), context.peers, store, context.page,
                    context.clock, context.log)
      .Run();
}

Status RunDaemon(const Arguments& arguments, const base::Log& log, Loop run) {
  ::umask(kUmask);
  const auto settings = base::LoadSettings(arguments.config_path, arguments.data_dir);
  if (!settings.ok()) return settings.error();
  base::WarnOfUnknownVariables(log);
  const auto admission = AdmissionFrom(*settings);
  if (!admission.ok()) return admission.error();
  const auto signals = StopSignals::Open();
  if (!signals.ok()) return signals.error();
  const auto listen_fd = base::InheritedSocketNamed("writer");
  if (!listen_fd.ok()) return listen_fd.error();
  const auto lock = InstanceLock::Take(settings->data_dir);
  if (!lock.ok()) return lock.error();
  auto page = shm::WriterPage::OpenForWriting(settings->RunPath("writer.page"));
  if (!page.ok()) return page.error();
  auto peers = PeerServer::Open(*listen_fd, signals->fd(), *admission, log);
  if (!peers.ok()) return peers.error();
  return Serve(*settings, *peers, *page, log, run);
}

}  // namespace writer
