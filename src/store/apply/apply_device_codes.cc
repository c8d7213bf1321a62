// Creating device codes, many at once (RFC 8628 §3.2).
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "store/apply/apply.h"
#include "store/apply/live_user_codes.h"
#include "store/apply/used_assertions.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using records::CreateDeviceCode;
using records::DeviceCodeState;
using records::WriteResult;
using std::string_view;

// OR IGNORE: a taken code changes nothing, and one descent of the tree is enough.
constexpr string_view kInsertLiveCode =
    "INSERT OR IGNORE INTO live_user_codes (user_code, organization_id, device_code_id,"
    " client_row_id, network) VALUES (?1, ?2, ?3, ?4, ?5)";
constexpr string_view kFindLiveCode =
    "SELECT 1 FROM live_user_codes"
    " WHERE user_code = ?1 AND organization_id = ?2 AND device_code_id = ?3";
constexpr string_view kInsertDeviceCode =
    "INSERT OR IGNORE INTO device_codes (id, organization_id, client_row_id, service_id,"
    " secret_hash, state, created_at, expires_at, user_code, scope, issuer, address, device_name,"
    " resource) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
constexpr string_view kFindSameDeviceCode =
    "SELECT 1 FROM device_codes WHERE id = ?1 AND organization_id = ?2 AND secret_hash = ?3";
// Positions of `records` in the order of `key`; equal keys stay in the order of the batch.
template <class Key>
std::vector<std::size_t> Sorted(std::span<const CreateDeviceCode* const> records, Key key) {
  std::vector<std::size_t> order(records.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return key(*records[a]) < key(*records[b]);
  });
  return order;
}

Result<bool> IsThereAlready(const CreateDeviceCode& record, ApplyContext& context) {
  return Finds(context, kFindSameDeviceCode, record.device_code_id, record.organization_id,
               record.secret_hash);
}

enum class LiveCode : std::uint8_t {
  kTaken,  // by this record, now
  kOwn,    // by this record, when it was sent before
  kOthers,
  // Not even looked for:
  kReplay,         // another record used this one's assertion
  kNoneForClient,  // as many are live as the client, or this network of its codes, may have
  kNone,           // as many as there may be in all
};

Code CodeOf(LiveCode live_code) {
  switch (live_code) {
    case LiveCode::kTaken:
    case LiveCode::kOwn:
      return Code::kOk;
    case LiveCode::kOthers:
      return Code::kExists;
    case LiveCode::kReplay:
      return Code::kInvalid;
    case LiveCode::kNoneForClient:
      return Code::kDenied;
    case LiveCode::kNone:
      return Code::kFull;
  }
  return Code::kInternal;
}

Result<LiveCode> TakeUserCode(const CreateDeviceCode& record, std::int64_t network,
                              ApplyContext& context) {
  const Result<std::int64_t> taken =
      Change(context, kInsertLiveCode, record.user_code, record.organization_id,
             record.device_code_id, record.client_row_id, network);
  if (!taken.ok()) return taken.error();
  if (*taken == 1) {
    context.live_codes.Add(record.client_row_id, network);
    return LiveCode::kTaken;
  }
  Result<bool> is_own = Finds(context, kFindLiveCode, record.user_code, record.organization_id,
                              record.device_code_id);
  if (is_own.ok() && !*is_own) is_own = IsThereAlready(record, context);
  if (!is_own.ok()) return is_own.error();
  return *is_own ? LiveCode::kOwn : LiveCode::kOthers;
}

// Where there is no room for another: whether this record's own is there all the same.
Result<LiveCode> WithoutRoom(const CreateDeviceCode& record, LiveCode refusal,
                             ApplyContext& context) {
  const Result<bool> is_own = IsThereAlready(record, context);
  if (!is_own.ok()) return is_own.error();
  return *is_own ? LiveCode::kOwn : refusal;
}

Result<LiveCode> TakeUserCodeIfThereIsRoom(const CreateDeviceCode& record, ApplyContext& context) {
  const std::int64_t network = NetworkNumberOf(record.address);
  switch (context.live_codes.RoomFor(record.client_row_id, network, record.is_by_page)) {
    case LiveCodeCounts::Room::kThere:
      break;
    case LiveCodeCounts::Room::kNoneForClient:
    case LiveCodeCounts::Room::kNoneForNetwork:
      return WithoutRoom(record, LiveCode::kNoneForClient, context);
    case LiveCodeCounts::Room::kNone:
      return WithoutRoom(record, LiveCode::kNone, context);
  }
  return TakeUserCode(record, network, context);
}

// The code together with the assertion that the request for it came with.
Result<LiveCode> TakeCodeAndAssertion(const CreateDeviceCode& record, ApplyContext& context) {
  const Result<bool> is_replay =
      IsUsedByAnother(context, record.assertion, record.organization_id, record.record_id);
  if (!is_replay.ok()) return is_replay.error();
  if (*is_replay) return LiveCode::kReplay;
  Result<LiveCode> taken = TakeUserCodeIfThereIsRoom(record, context);
  if (!taken.ok() || CodeOf(*taken) != Code::kOk) return taken;
  Status kept = KeepUsed(context, record.assertion, record.organization_id, record.record_id);
  return kept.ok() ? taken : Result<LiveCode>(std::move(kept));
}

Result<WriteResult> InsertDeviceCode(const CreateDeviceCode& record, LiveCode live_code,
                                     ApplyContext& context) {
  const Result<std::int64_t> inserted =
      Change(context, kInsertDeviceCode, record.device_code_id, record.organization_id,
             record.client_row_id, record.service_id, record.secret_hash, DeviceCodeState::kPending,
             record.created_at, record.expires_at, record.user_code, record.scope, record.issuer,
             record.address, record.device_name, record.resource);
  if (!inserted.ok()) return inserted.error();
  if (*inserted == 1) return Done(record.device_code_id);
  // Sent again after the code was decided or swept: it must not be live once more.
  if (live_code == LiveCode::kTaken) {
    const Result<std::int64_t> freed = FreeUserCode(context.statements, record.user_code,
                                                    record.organization_id, record.device_code_id);
    if (!freed.ok()) return freed.error();
    context.live_codes.Remove(record.client_row_id, NetworkNumberOf(record.address));
  }
  const Result<bool> is_sent_again = IsThereAlready(record, context);
  if (!is_sent_again.ok()) return is_sent_again.error();
  return *is_sent_again ? Done(record.device_code_id) : Refused(Code::kExists);
}

}  // namespace

Status ApplyDeviceCodes(std::span<const CreateDeviceCode* const> records,
                        std::span<WriteResult* const> results, ApplyContext& context) {
  std::vector<LiveCode> live_codes(records.size(), LiveCode::kOthers);
  for (const std::size_t i : Sorted(
           records, [](const auto& r) -> const auto& { return r.user_code; })) {
    const Result<LiveCode> taken = TakeCodeAndAssertion(*records[i], context);
    if (!taken.ok()) return taken.error();
    live_codes[i] = *taken;
  }
  for (const std::size_t i : Sorted(
           records, [](const auto& r) -> const auto& { return r.device_code_id; })) {
    *results[i] = Refused(CodeOf(live_codes[i]));
    if (results[i]->code != Code::kOk) continue;
    const Result<WriteResult> inserted = InsertDeviceCode(*records[i], live_codes[i], context);
    if (!inserted.ok()) return inserted.error();
    *results[i] = *inserted;
  }
  return Status();
}

}  // namespace store
