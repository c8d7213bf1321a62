#include "domain/guess_budget.h"

#include <algorithm>
#include <utility>

namespace domain {

Spent KeyBudget::SpentFor(const Ports& ports) const {
  const base::milliseconds now = ports.clock.SinceBoot();
  if (ports.limits.Count(key_, now) < limit_) return std::nullopt;
  return std::min(ports.limits.Left(key_, now), window_);
}

bool KeyBudget::WasSpent(const Ports& ports) const {
  const std::uint32_t count = ports.limits.Count(key_, ports.clock.SinceBoot());
  return count != RateLimits::kNoRoom && count >= limit_;
}

Spent KeyBudget::Take(const Ports& ports) const {
  const base::milliseconds now = ports.clock.SinceBoot();
  if (ports.limits.Take(key_, limit_, window_, now)) return std::nullopt;
  return std::min(ports.limits.Left(key_, now), window_);
}

base::seconds KeyBudget::Left(const Ports& ports) const {
  const base::milliseconds now = ports.clock.SinceBoot();
  const std::uint32_t count = ports.limits.Count(key_, now);
  const bool is_counting = count > 0 && count != RateLimits::kNoRoom;
  return is_counting ? ports.limits.Left(key_, now) : window_;
}

void NetworkBudget::LeaveMostToOthers() {
  bound_.limit = std::max<std::int64_t>(bound_.limit / kPagesPart, 1);
}

Spent NetworkBudget::SpentFor(const Ports& ports) const {
  if (!network_.site.empty()) {
    if (IsCountedWithProvider(ports)) return ProviderBudget().SpentFor(ports);
    const KeyBudget site(EventsOf(network_.site), kNetworksOfASite * bound_.limit, bound_.window);
    if (const Spent spent = site.SpentFor(ports)) return spent;
  }
  return KeyBudget(EventsOf(network_.text), bound_.limit, bound_.window).SpentFor(ports);
}

Spent NetworkBudget::Take(const Ports& ports) const {
  if (!network_.site.empty()) {
    // Who is refused takes nothing of what the larger network has.
    const KeyBudget network(EventsOf(network_.text), bound_.limit, bound_.window);
    if (network.WasSpent(ports)) return network.SpentFor(ports);
    const bool has_key = client_ || MayHaveKey(EventsOf(network_.site), ports) ||
                         MakesKey(network_.provider, kSitesOfAProvider, ports);
    if (!has_key) return ProviderBudget().Take(ports);
    if (const Spent spent = TakeOfSite(ports)) return spent;
  }
  return TakeOfNetwork(ports);
}

// Its site has no key and makes none any more.
bool NetworkBudget::IsCountedWithProvider(const Ports& ports) const {
  if (client_ || MayHaveKey(EventsOf(network_.site), ports)) return false;
  const KeyBudget sites(NetworkKey(purpose_, NetworkCount::kKeys, network_.provider, nullptr),
                        kSitesOfAProvider, bound_.window);
  return sites.WasSpent(ports);
}

KeyBudget NetworkBudget::ProviderBudget() const {
  return {NetworkKey(purpose_, NetworkCount::kEventsOfOthers, network_.provider, nullptr),
          kSitesOfAProvider * kNetworksOfASite * bound_.limit, bound_.window};
}

Spent NetworkBudget::TakeOfSite(const Ports& ports) const {
  const std::int64_t limit = kNetworksOfASite * bound_.limit;
  LimitKey key = EventsOf(network_.site);
  const bool has_key = !client_ || MayHaveKey(key, ports) || MakesKeyOfSite(ports);
  return has_key ? TakeFrom(std::move(key), limit, ports)
                 : TakeOfOthers(network_.site, limit, ports);
}

Spent NetworkBudget::TakeOfNetwork(const Ports& ports) const {
  LimitKey key = EventsOf(network_.text);
  const bool is_of_site = !network_.site.empty();
  const bool has_key =
      MayHaveKey(key, ports) || ((!is_of_site || MakesKey(network_.site, kKeysOfASite, ports)) &&
                                 (!client_ || MakesKey(network_.text, kKeysOfANetwork, ports)));
  if (has_key) return TakeFrom(std::move(key), bound_.limit, ports);
  if (is_of_site) return std::nullopt;  // its site counted it
  return TakeOfOthers(network_.text, bound_.limit, ports);
}

LimitKey NetworkBudget::EventsOf(std::string_view network) const {
  return NetworkKey(purpose_, NetworkCount::kEvents, network, client_ ? &*client_ : nullptr);
}

// It is there already, or there is no room for it, which its Take answers.
bool NetworkBudget::MayHaveKey(const LimitKey& key, const Ports& ports) const {
  return ports.limits.Count(key, ports.clock.SinceBoot()) > 0;
}

bool NetworkBudget::MakesKey(std::string_view maker, std::int64_t most, const Ports& ports) const {
  return !TakeFrom(NetworkKey(purpose_, NetworkCount::kKeys, maker, nullptr), most, ports);
}

// Clients that a whole site is counted for, apart from the keys of its networks: however many of those
// one client's codes took, another client's are counted.
bool NetworkBudget::MakesKeyOfSite(const Ports& ports) const {
  constexpr records::ClientRowId kAllClients{};  // no row has this id
  return !TakeFrom(NetworkKey(purpose_, NetworkCount::kEvents, network_.site, &kAllClients),
                   kKeysOfANetwork, ports);
}

Spent NetworkBudget::TakeFrom(LimitKey key, std::int64_t limit, const Ports& ports) const {
  return KeyBudget(std::move(key), limit, bound_.window).Take(ports);
}

Spent NetworkBudget::TakeOfOthers(std::string_view network, std::int64_t limit,
                                  const Ports& ports) const {
  return TakeFrom(NetworkKey(purpose_, NetworkCount::kEventsOfOthers, network, nullptr), limit,
                  ports);
}

Error TooMany(std::string_view what, base::seconds retry_after) {
  return {.code = ErrorCode::kTooManyRequests,
          .description = std::string(what),
          .retry_after = retry_after};
}

}  // namespace domain
