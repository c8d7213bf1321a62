#include "store/audit/audit_reader.h"

#include <algorithm>
#include <string_view>

#include "store/audit/audit_rows.h"
#include "store/row_readers.h"

namespace store {

namespace {

using base::Result;
using records::AuditRow;
using std::string_view;

constexpr base::milliseconds kBusyTimeout{2000};
// Some milliseconds of reading: an organization's rows are found by looking at all.
constexpr std::int64_t kMostLookedAt = 10'000;

constexpr string_view kFilter =
    " WHERE a.sequence > ?1 AND a.sequence <= ?2 AND (?3 IS NULL OR a.organization_id = ?3)"
    " AND (?4 IS NULL OR a.event = ?4) AND (?5 IS NULL OR a.user_id = ?5 OR a.actor_id = ?5)"
    " AND (?6 IS NULL OR a.at >= ?6) AND (?7 IS NULL OR a.at < ?7)";
constexpr string_view kOldestFirst = " ORDER BY a.sequence LIMIT ?8";
constexpr string_view kNewestFirst = " ORDER BY a.sequence DESC LIMIT ?8";
constexpr string_view kInInterval =
    " WHERE a.sequence BETWEEN ?1 AND ?2 ORDER BY a.sequence LIMIT ?3";
constexpr string_view kNewest = "SELECT coalesce(max(sequence), 0) FROM audit_events";
constexpr string_view kOldest = "SELECT coalesce(min(sequence), 0) FROM audit_events";
constexpr string_view kFrom =
    " WHERE x.organization_id = ?1 AND x.last_sequence >= ?2 ORDER BY x.last_sequence LIMIT 1";
constexpr string_view kUpTo =
    " WHERE x.organization_id = ?1 AND x.last_sequence <= ?2"
    " ORDER BY x.last_sequence DESC LIMIT 1";
constexpr string_view kCountSeals =
    "SELECT count(*) FROM audit_seals WHERE last_sequence > ?1 AND last_sequence <= ?2";

std::int64_t ReadInteger(Query& query) { return query.Read<std::int64_t>(); }

// Where a page of rows that filled its limit ends, else where the stretch does.
AuditPage PageOf(std::vector<AuditRow> rows, std::int64_t limit, std::int64_t stretch_end) {
  const bool is_full = !rows.empty() && static_cast<std::int64_t>(rows.size()) == limit;
  const std::int64_t end = is_full ? rows.back().sequence : stretch_end;
  return {.rows = std::move(rows), .end = end};
}

}  // namespace

AuditReader::AuditReader(const std::string& path) : connection_({.path = path}, kBusyTimeout) {}

Result<std::unique_ptr<AuditReader>> AuditReader::Open(const std::string& path) {
  std::unique_ptr<AuditReader> reader(new AuditReader(path));
  if (auto state = reader->State(); !state.ok()) return state.error();
  return reader;
}

Result<records::AuditState> AuditReader::State() {
  return connection_.FindOne("the audit log's state", kSelectAuditState, ReadAuditState);
}

Result<std::int64_t> AuditReader::NewestSequence() {
  return connection_.FindOne("the newest row", kNewest, ReadInteger);
}

Result<AuditPage> AuditReader::After(std::int64_t sequence, const AuditFilter& filter,
                                     std::int64_t limit) {
  const auto oldest = connection_.FindOne("the oldest row", kOldest, ReadInteger);
  if (!oldest.ok()) return oldest.error();
  // Before the rows, which may be more by then: the next page has them.
  const auto newest = NewestSequence();
  if (!newest.ok()) return newest.error();
  const std::int64_t start = std::max(sequence, *oldest - 1);  // what was pruned is no stretch
  const std::int64_t end = std::max(start, std::min(start + kMostLookedAt, *newest));
  auto rows = connection_.FindAll(kJoined<kSelectAuditRow, kFilter, kOldestFirst>, ReadAuditRow,
                                  start, end, filter.organization_id, filter.event, filter.user_id,
                                  filter.since, filter.until, limit);
  if (!rows.ok()) return rows.error();
  return PageOf(std::move(*rows), limit, end);
}

Result<AuditPage> AuditReader::Before(std::int64_t sequence, const AuditFilter& filter,
                                      std::int64_t limit) {
  const std::int64_t end = std::max<std::int64_t>(sequence - 1 - kMostLookedAt, 0);
  auto rows = connection_.FindAll(kJoined<kSelectAuditRow, kFilter, kNewestFirst>, ReadAuditRow,
                                  end, sequence - 1, filter.organization_id, filter.event,
                                  filter.user_id, filter.since, filter.until, limit);
  if (!rows.ok()) return rows.error();
  return PageOf(std::move(*rows), limit, end + 1);
}

Result<std::vector<AuditRow>> AuditReader::Interval(std::int64_t first, std::int64_t last,
                                                    std::int64_t limit) {
  return connection_.FindAll(kJoined<kSelectAuditRow, kInInterval>, ReadAuditRow, first, last,
                             limit);
}

Result<records::AuditSeal> AuditReader::SealFrom(records::OrganizationId organization_id,
                                                 std::int64_t sequence) {
  return connection_.FindOne("the seal", kJoined<kSelectAuditSeal, kFrom>, ReadAuditSeal,
                             organization_id, sequence);
}

Result<records::AuditSeal> AuditReader::SealUpTo(records::OrganizationId organization_id,
                                                 std::int64_t sequence) {
  return connection_.FindOne("the seal", kJoined<kSelectAuditSeal, kUpTo>, ReadAuditSeal,
                             organization_id, sequence);
}

Result<std::int64_t> AuditReader::CountSeals(std::int64_t after, std::int64_t through) {
  return connection_.FindOne("the seals", kCountSeals, ReadInteger, after, through);
}

}  // namespace store
