#include "worker/app.h"

#include <utility>

#include "worker/options.h"

namespace worker {

base::Result<std::unique_ptr<AppParts>> AppParts::Open(const base::Settings& settings,
                                                       const base::Log& log) {
  auto key = crypto::MasterKey::Load(MasterKeyPath(settings));
  if (!key.ok()) return key.error();
  auto tables = limits::SharedTables::Open(settings.RunPath("shared.tables"));
  if (!tables.ok()) return tables.error();
  return std::unique_ptr<AppParts>(new AppParts(settings, log, *key, std::move(*tables)));
}

AppParts::AppParts(const base::Settings& settings, const base::Log& log,
                   const crypto::MasterKey& key, std::unique_ptr<limits::SharedTables> tables)
    : page_(wire::WriterPage::OpenForReading(settings.RunPath("writer.page"))),
      ids_(clock_, random_),
      hashes_(key),
      password_hasher_(random_),
      reader_(ReaderOptions(settings),
              [this] {
                page_.MapIfMissing();
                return page_.generation();
              }),
      tables_(std::move(tables)),
      signer_(reader_, key),
      ports_{.settings = settings,
             .clock = clock_,
             .directory = reader_,
             .reader = reader_,
             .random = random_,
             .ids = ids_,
             .hashes = hashes_,
             .signer = signer_,
             .polls = tables_->polls(),
             .guesses = tables_->guesses(),
             .quotas = tables_->quotas(),
             .assertions = assertions_,
             .used_jtis = tables_->used_jtis()},
      app_{.ports = ports_, .password_hasher = password_hasher_, .log = log} {}

}  // namespace worker
