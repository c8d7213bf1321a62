#include "worker/pool/death_ledger.h"

#include "base/bytes.h"
#include "base/network.h"
#include "metrics/counters.h"

namespace worker {

// What keeps the request away comes first: another child may wait for it.
void DeathLedger::Note(const Prefork::DeathAtWork& death) {
  const base::Network network = base::NetworkOf(death.work.address);
  const base::seconds shut_out =
      tables_->poison().Note(death.work.request, network, clock_.SinceBoot());
  auto counters = metrics::ChildCounters::Claim(tables_->counters(), death.child, routes_);
  if (counters) counters->Add(metrics::Count::kDeathsAtWork);
  const bool is_left = tables_->death_notes().Leave({.request = death.work.request,
                                                     .address = death.work.address,
                                                     .child = death.child,
                                                     .wait_status = death.wait_status});
  if (!is_left) {
    log_.Warn("death_not_audited",
              {{"child", death.child}, {"request_id", base::HexEncode(death.work.request)}});
  }
  if (shut_out.count() == 0) return;
  log_.Warn("network_shut_out",
            {{"network", base::ToText(network)}, {"seconds", shut_out.count()}});
}

}  // namespace worker
