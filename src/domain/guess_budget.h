// How much somebody still has of what is bounded: wrong guesses at user codes or passwords, device
// codes, sign-ins. Two kinds of events count: those that take from a budget, and wrong guesses, which
// are asked about first (one whose budget is spent is not even tried) and counted afterwards. Not
// thread-safe; lives for one request.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "domain/error.h"
#include "domain/ports.h"

namespace domain {

// How long a budget stays spent; nullopt: something of it is left, or was taken.
using Spent = std::optional<base::seconds>;

// `limit` events of a key in `window`; of a limit that is a product of settings as many as can be counted.
class KeyBudget {
 public:
  KeyBudget(LimitKey key, std::int64_t limit, base::seconds window)
      : key_(std::move(key)),
        limit_(static_cast<std::uint32_t>(std::clamp<std::int64_t>(limit, 0, kMost))),
        window_(window) {}

  Spent SpentFor(const Ports& ports) const;
  // Whether it is spent for certain: of a key that finds no room nothing is known.
  bool WasSpent(const Ports& ports) const;
  Spent Take(const Ports& ports) const;
  // How long it goes on counting what was taken: the whole window of a key that finds no room.
  base::seconds Left(const Ports& ports) const;

 private:
  static constexpr std::int64_t kMost = RateLimits::kNoRoom - 1;

  LimitKey key_;
  std::uint32_t limit_;
  base::seconds window_;
};

// `limit` events of the network of an address in `window`, and kNetworksOfASite times as many of the
// IPv6 site around it, or the 65,536 networks of a /48 were as many budgets. The site is asked first:
// where it has had all, no network of it makes a key. Who has spent its own is refused before that, and
// takes nothing of what its site has.
//
// The networks of a site have kKeysOfASite keys, whatever it does; one that finds none left is counted
// with its site alone. Where clients are counted apart a network and a site have a key for each of
// kKeysOfANetwork clients, and what more clients they ask for are counted together. Where all clients are counted
// together kSitesOfAProvider sites of a /32 have keys; the rest of them share one. So nobody fills a section of guesses
// who has not tens of thousands of IPv4 addresses, or a dozen of the blocks that registries give.
class NetworkBudget {
 public:
  static constexpr std::int64_t kNetworksOfASite = 16;
  static constexpr std::int64_t kKeysOfASite = 64;
  static constexpr std::int64_t kKeysOfANetwork = 16;
  // That have keys; the others share a budget of as many.
  static constexpr std::int64_t kSitesOfAProvider = 64;
  static constexpr std::int64_t kPagesPart = 4;  // one of so many

  struct Bound {
    std::int64_t limit = 0;
    base::seconds window{0};
  };
  NetworkBudget(LimitPurpose purpose, std::string_view address, Bound bound)
      : purpose_(purpose), network_(NetworkOf(address)), bound_(bound) {}
  // Of one client.
  NetworkBudget(LimitPurpose purpose, std::string_view address, records::ClientRowId client,
                Bound bound)
      : purpose_(purpose), network_(NetworkOf(address)), client_(client), bound_(bound) {}

  // For what pages of other sites make browsers of the network do: it counts as all else of the network does,
  // and is refused once a part of the budget is spent.
  void LeaveMostToOthers();

  // Of a budget of all clients.
  Spent SpentFor(const Ports& ports) const;
  Spent Take(const Ports& ports) const;

 private:
  LimitKey EventsOf(std::string_view network) const;
  bool MayHaveKey(const LimitKey& key, const Ports& ports) const;
  bool MakesKey(std::string_view maker, std::int64_t most, const Ports& ports) const;
  bool MakesKeyOfSite(const Ports& ports) const;
  bool IsCountedWithProvider(const Ports& ports) const;
  KeyBudget ProviderBudget() const;
  Spent TakeOfSite(const Ports& ports) const;
  Spent TakeOfNetwork(const Ports& ports) const;
  Spent TakeFrom(LimitKey key, std::int64_t limit, const Ports& ports) const;
  Spent TakeOfOthers(std::string_view network, std::int64_t limit, const Ports& ports) const;

  LimitPurpose purpose_;
  Network network_;
  std::optional<records::ClientRowId> client_;
  Bound bound_;
};

// kTooManyRequests, for as long as the budget stays spent.
Error TooMany(std::string_view what, base::seconds retry_after);

}  // namespace domain
