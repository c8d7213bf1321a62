#include "store/apply/live_code_counts.h"

#include <cstring>
#include <string_view>

#include "store/statement.h"

namespace store {

namespace {

constexpr std::string_view kClientsOfLiveCodes = "SELECT client_row_id FROM live_user_codes";

bool IsReached(std::int64_t count, std::int64_t limit) { return limit > 0 && count >= limit; }

}  // namespace

std::size_t LiveCodeCounts::Hash::operator()(const records::ClientRowId& id) const {
  std::size_t hash = 0;
  std::memcpy(&hash, id.bytes.data() + id.bytes.size() - sizeof(hash), sizeof(hash));
  return hash;
}

base::Status LiveCodeCounts::Recount(Database& database) {
  of_client_.clear();
  changes_.clear();
  all_ = 0;
  StatementCache statements(database);
  Query query(statements, kClientsOfLiveCodes);
  for (;;) {
    const base::Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return {};
    Count(query.Read<records::ClientRowId>(), 1);
  }
}

LiveCodeCounts::Room LiveCodeCounts::RoomFor(const records::ClientRowId& client) const {
  const auto found = of_client_.find(client);
  const std::int64_t count = found == of_client_.end() ? 0 : found->second;
  if (IsReached(count, limits_.live_codes_per_client)) return Room::kNoneForClient;
  return IsReached(all_, limits_.live_codes) ? Room::kNone : Room::kThere;
}

void LiveCodeCounts::Begin() {
  for (const Step& change : changes_) Count(change.client, -change.by);
  changes_.clear();
}

void LiveCodeCounts::Change(const records::ClientRowId& client, std::int64_t by) {
  Count(client, by);
  changes_.push_back({.client = client, .by = by});
}

void LiveCodeCounts::Count(const records::ClientRowId& client, std::int64_t by) {
  all_ += by;
  const auto found = of_client_.try_emplace(client).first;
  found->second += by;
  if (found->second == 0) of_client_.erase(found);
}

}  // namespace store
