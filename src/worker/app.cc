#include "worker/app.h"

#include <array>
#include <utility>

#include "worker/options.h"
#include "worker/routes.h"

namespace worker {

namespace {

using domain::Event;
using metrics::Count;

struct Counted {
  Event event;
  Count count;
};
// In the order of Event.
constexpr std::array kCounted{
    Counted{Event::kWrongUserCode, Count::kWrongUserCode},
    Counted{Event::kUserCodesLimited, Count::kUserCodesLimited},
    Counted{Event::kWrongPassword, Count::kWrongPassword},
    Counted{Event::kPasswordsLimited, Count::kPasswordsLimited},
    Counted{Event::kAccountLimited, Count::kAccountLimited},
    Counted{Event::kDeviceCodesLimited, Count::kDeviceCodesLimited},
    Counted{Event::kUnknownDeviceCodesLimited, Count::kUnknownDeviceCodesLimited},
    Counted{Event::kPollTooFast, Count::kPollTooFast},
    Counted{Event::kRefreshesLimited, Count::kRefreshesLimited},
    Counted{Event::kAssertionsLimited, Count::kAssertionsLimited},
    Counted{Event::kSignInsLimited, Count::kSignInsLimited},
    Counted{Event::kDecisionsLimited, Count::kDecisionsLimited}};

constexpr bool HasEachEventInOrder() {
  for (std::size_t i = 0; i < kCounted.size(); ++i) {
    if (static_cast<std::size_t>(kCounted[i].event) != i) return false;
  }
  return kCounted.size() == static_cast<std::size_t>(Event::kCount);
}
static_assert(HasEachEventInOrder(), "a row for each event, or one is counted as another");

}  // namespace

void EventCounter::Note(Event event) {
  if (counters_ != nullptr) counters_->Add(kCounted[static_cast<std::size_t>(event)].count);
}

base::Result<std::unique_ptr<AppParts>> AppParts::Open(const base::Settings& settings,
                                                       const std::string& child,
                                                       const base::Log& log) {
  auto key = crypto::MasterKey::Load(MasterKeyPath(settings));
  if (!key.ok()) return key.error();
  crypto::SystemRandom random;
  auto tables = shm::SharedTables::Open(settings.RunPath("shared.tables"), random);
  if (!tables.ok()) return tables.error();
  return std::unique_ptr<AppParts>(new AppParts(settings, child, log, *key, std::move(*tables)));
}

AppParts::AppParts(const base::Settings& settings, const std::string& child, const base::Log& log,
                   const crypto::MasterKey& key, std::unique_ptr<shm::SharedTables> tables)
    : page_(shm::WriterPage::OpenForReading(settings.RunPath("writer.page"))),
      ids_(clock_, random_),
      hashes_(key),
      password_hasher_(random_),
      reader_(ReaderOptions(settings),
              [this] {
                page_.MapIfMissing();
                return page_.generation();
              }),
      tables_(std::move(tables)),
      counters_(metrics::ChildCounters::Claim(tables_->counters(), child, RouteNames())),
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
             .limits = tables_->limits(),
             .assertions = assertions_,
             .used_jtis = tables_->used_jtis(),
             .events = &events_},
      app_{.ports = ports_,
           .password_hasher = password_hasher_,
           .log = log,
           .counters = counters_ ? &*counters_ : nullptr,
           .counted = tables_->counters(),
           .page = &page_,
           .last_probe = &last_probe_,
           .refusal_lines = &refusal_lines_} {
  events_.CountIn(app_.counters);
  if (!counters_) log.Warn("not_counted", {{"reason", "shared.tables has no room for this child"}});
}

}  // namespace worker
