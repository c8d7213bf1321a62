#include "store/apply/live_code_counts.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/network.h"
#include "base/os/kernel_random.h"
#include "store/statement.h"

namespace store {

namespace {

constexpr std::string_view kLiveCodes = "SELECT client_row_id, network FROM live_user_codes";

// 2 MB for both tables. Of a thousand networks that hold their part each, one in 260 others meets one.
constexpr unsigned kPlaceBits = 18;
constexpr std::size_t kPlaces = std::size_t{1} << kPlaceBits;

// number := family (4 or 6) || the address of IPv4 (32 bits), the first 48 bits of an IPv6 address;
// of a provider 7 || the first 32 of these
constexpr unsigned kFamilyShift = 48;

bool IsReached(std::int64_t count, std::int64_t limit) { return limit > 0 && count >= limit; }

std::size_t EndOf(const records::ClientRowId& id) {
  std::size_t end = 0;
  std::memcpy(&end, id.bytes.data() + id.bytes.size() - sizeof(end), sizeof(end));
  return end;
}

base::SipKey DrawKey() {
  std::array<std::uint8_t, sizeof(base::SipKey)> bytes{};
  base::FillFromKernel(bytes);
  return std::bit_cast<base::SipKey>(bytes);
}

}  // namespace

std::int64_t NetworkNumberOf(std::string_view address) {
  const base::Network network = base::NetworkOf(address);
  if (network.family == base::Network::Family::kNone) return 0;
  const bool is_v4 = network.family == base::Network::Family::kIpv4;
  std::uint64_t number = 0;
  for (const std::uint8_t byte : base::SiteBytes(network)) number = number << 8U | byte;
  return static_cast<std::int64_t>((is_v4 ? 4ULL : 6ULL) << kFamilyShift | number);
}

std::int64_t ProviderNumberOf(std::int64_t network) {
  constexpr std::uint64_t kSite = 6ULL << kFamilyShift;
  constexpr std::uint64_t kProvider = 7ULL << kFamilyShift;  // no family: apart from all networks
  constexpr unsigned kBitsBehindIt = 16;
  const auto number = static_cast<std::uint64_t>(network);
  if ((number ^ kSite) >> kFamilyShift != 0) return 0;
  return static_cast<std::int64_t>(kProvider | (number ^ kSite) >> kBitsBehindIt);
}

LiveCodeCounts::LiveCodeCounts(const RowLimits& limits)
    : limits_(limits),
      is_shared_(IsShared(limits.live_codes_per_client) || IsShared(limits.live_codes)),
      key_(DrawKey()),
      of_network_(is_shared_ ? kPlaces : 1),
      of_network_and_client_(of_network_.size()) {}

std::size_t LiveCodeCounts::Hash::operator()(const records::ClientRowId& id) const {
  return EndOf(id);
}

base::Status LiveCodeCounts::Recount(Database& database) {
  of_client_.clear();
  of_network_.assign(of_network_.size(), 0);
  of_network_and_client_.assign(of_network_and_client_.size(), 0);
  changes_.clear();
  all_ = 0;
  StatementCache statements(database);
  Query query(statements, kLiveCodes);
  for (;;) {
    const base::Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return {};
    const auto client = query.Read<records::ClientRowId>();
    const auto network = query.Read<std::int64_t>();
    Count({.client = client, .places = PlacesOf(client, network), .by = 1});
  }
}

LiveCodeCounts::Room LiveCodeCounts::RoomFor(const records::ClientRowId& client,
                                             std::int64_t network, bool is_by_page) const {
  const auto found = of_client_.find(client);
  const std::int64_t count = found == of_client_.end() ? 0 : found->second;
  if (IsReached(count, limits_.live_codes_per_client)) return Room::kNoneForClient;
  if (IsReached(all_, limits_.live_codes)) return Room::kNone;
  const Places places = PlacesOf(client, network);
  const auto weigh = [&](const std::vector<std::int32_t>& held, std::size_t Place::*at) {
    const std::int64_t own = held[places.network.*at];
    const std::int64_t weight =
        places.provider ? WeightOfSite(own, held[(*places.provider).*at]) : own;
    return is_by_page ? kPagesPart * weight : weight;
  };
  const bool has_its_part = HasItsPart(weigh(of_network_and_client_, &Place::of_client), count,
                                       limits_.live_codes_per_client, kPartsOfAClientsRoom) ||
                            HasItsPart(weigh(of_network_, &Place::in_all), all_, limits_.live_codes,
                                       kPartsOfTheWholeRoom);
  return has_its_part ? Room::kNoneForNetwork : Room::kThere;
}

void LiveCodeCounts::Begin() {
  for (const Step& change : changes_) {
    Count({.client = change.client, .places = change.places, .by = -change.by});
  }
  changes_.clear();
}

void LiveCodeCounts::Add(const records::ClientRowId& client, std::int64_t network) {
  Change({.client = client, .places = PlacesOf(client, network), .by = 1});
}

void LiveCodeCounts::Remove(const records::ClientRowId& client, std::int64_t network) {
  Change({.client = client, .places = PlacesOf(client, network), .by = -1});
}

LiveCodeCounts::Places LiveCodeCounts::PlacesOf(const records::ClientRowId& client,
                                                std::int64_t network) const {
  if (!is_shared_) return {};
  Places places{.network = PlaceOf(client, network), .provider = std::nullopt};
  if (const std::int64_t provider = ProviderNumberOf(network); provider != 0) {
    places.provider = PlaceOf(client, provider);
  }
  return places;
}

// One hash for both: whoever does not know it cannot aim at the second place either.
LiveCodeCounts::Place LiveCodeCounts::PlaceOf(const records::ClientRowId& client,
                                              std::int64_t number) const {
  std::array<char, sizeof number> text{};
  std::memcpy(text.data(), &number, sizeof number);
  const std::uint64_t hash = base::SipHash24(key_, {text.data(), text.size()});
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15ULL;
  const std::uint64_t mixed = (hash ^ EndOf(client)) * kOdd;  // each bit changes the highest ones
  return {.in_all = hash & (kPlaces - 1), .of_client = mixed >> (64 - kPlaceBits)};
}

void LiveCodeCounts::Change(const Step& step) {
  Count(step);
  changes_.push_back(step);
}

void LiveCodeCounts::CountAt(const Place& place, int by) {
  of_network_[place.in_all] += by;
  of_network_and_client_[place.of_client] += by;
}

void LiveCodeCounts::Count(const Step& step) {
  all_ += step.by;
  CountAt(step.places.network, step.by);
  if (step.places.provider) CountAt(*step.places.provider, step.by);
  const auto found = of_client_.try_emplace(step.client).first;
  found->second += step.by;
  if (found->second == 0) of_client_.erase(found);
}

}  // namespace store
