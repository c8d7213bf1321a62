// What handlers work with: the ports of the domain and what belongs to the process. References
// outlive every request. One App a child; not thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/line_quota.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "domain/ports.h"
#include "domain/ports/password_hasher.h"
#include "jose/assertion_verifier.h"
#include "jose/token_signer.h"
#include "metrics/counters.h"
#include "shm/shared_table.h"
#include "shm/writer_page.h"
#include "store/sqlite_reader.h"

namespace worker {

// What the last probe of readiness came to (metadata.cc).
struct LastProbe {
  base::Code code = base::Code::kUnavailable;
  std::optional<base::milliseconds> at;  // since boot; nullopt: none yet
};

struct App {
  const domain::Ports& ports;
  domain::PasswordHasher& password_hasher;
  const base::Log& log;
  metrics::ChildCounters* counters = nullptr;  // of this child; null: nobody counts
  std::span<std::uint64_t> counted = {};       // by all children (metrics::ReadCounts)
  shm::WriterPage* page = nullptr;             // null: there is no writer
  LastProbe* last_probe = nullptr;             // of this child; null: nobody shares one
  // Of this child; null: each refusal of a page is logged.
  base::LineQuota* refusal_lines = nullptr;
};

// Counts what the domain notes.
class EventCounter final : public domain::Events {
 public:
  void CountIn(metrics::ChildCounters* counters) { counters_ = counters; }
  void Note(domain::Event event) override;

 private:
  metrics::ChildCounters* counters_ = nullptr;
};

// Owns everything behind an App, opened from the settings. kDenied, kInvalid, kCorrupt: master key
// or shared tables cannot be used; a missing database or writer is no error (reads and writes
// answer 503 until it is there).
class AppParts {
 public:
  // `child`: its name, under which it counts.
  static base::Result<std::unique_ptr<AppParts>> Open(const base::Settings& settings,
                                                      const std::string& child,
                                                      const base::Log& log);
  const App& app() const { return app_; }
  metrics::ChildCounters* counters() { return app_.counters; }
  shm::WriterPage& page() { return page_; }
  const shm::PoisonTable& poison() { return tables_->poison(); }
  shm::DeathNotes& death_notes() { return tables_->death_notes(); }
  base::Clock& clock() { return clock_; }
  // The loop's hooks around each turn (store/sqlite_reader.h).
  void StartTurn() { reader_.StartTurn(); }
  void RequestEnded() { reader_.RequestEnded(); }
  void EndTurn() { reader_.EndTurn(); }

 private:
  AppParts(const base::Settings& settings, const std::string& child, const base::Log& log,
           const crypto::MasterKey& key, std::unique_ptr<shm::SharedTables> tables);

  base::SystemClock clock_;
  shm::WriterPage page_;
  crypto::SystemRandom random_;
  crypto::UuidV7Ids ids_;
  crypto::OpenSslHashes hashes_;
  crypto::Argon2Hasher password_hasher_;
  store::SqliteReader reader_;
  std::unique_ptr<shm::SharedTables> tables_;
  std::optional<metrics::ChildCounters> counters_;
  EventCounter events_;
  jose::TokenSigner signer_;
  jose::AssertionVerifier assertions_;
  domain::Ports ports_;
  LastProbe last_probe_;
  base::LineQuota refusal_lines_;
  App app_;
};

}  // namespace worker
