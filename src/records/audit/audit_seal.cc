#include "records/audit/audit_seal.h"

#include <optional>

// Every integer is big-endian, every text has its length in front, so that no two different logs
// have the same bytes.
//
//   input    := "latchkey audit seal 1\n" organization:16 bytes first:i64 last:i64 former:32 bytes row*
//   row      := sequence:i64 at:i64 event:u8 record_id:16 bytes actor:u8 actor_id:optional
//               actor_name:text user_id:optional subject_id:optional address:text detail:text
//   optional := 0x00 | 0x01 id:16 bytes
//   text     := length:u32 bytes

namespace records {

namespace {

constexpr std::string_view kPurpose = "latchkey audit seal 1\n";

template <class Bytes>
void PutBytes(const Bytes& bytes, std::string* out) {
  out->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void PutInteger(std::int64_t value, int bytes, std::string* out) {
  for (int i = bytes - 1; i >= 0; --i) {
    out->push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xff));
  }
}

void PutText(std::string_view text, std::string* out) {
  PutInteger(static_cast<std::int64_t>(text.size()), 4, out);
  out->append(text);
}

template <class Tag>
void PutOptional(const std::optional<base::Id<Tag>>& id, std::string* out) {
  out->push_back(id ? '\1' : '\0');
  if (id) PutBytes(id->bytes, out);
}

}  // namespace

AuditSealInput::AuditSealInput(const OrganizationId& organization_id, std::int64_t first_sequence,
                               std::int64_t last_sequence, const Sha256& former)
    : bytes_(kPurpose) {
  PutBytes(organization_id.bytes, &bytes_);
  PutInteger(first_sequence, 8, &bytes_);
  PutInteger(last_sequence, 8, &bytes_);
  PutBytes(former, &bytes_);
}

void AuditSealInput::Add(const AuditRow& row) {
  PutInteger(row.sequence, 8, &bytes_);
  PutInteger(base::ToUnixMillis(row.at), 8, &bytes_);
  PutInteger(static_cast<std::int64_t>(row.event), 1, &bytes_);
  PutBytes(row.record_id.bytes, &bytes_);
  PutInteger(static_cast<std::int64_t>(row.actor), 1, &bytes_);
  PutOptional(row.actor_id, &bytes_);
  PutText(row.actor_name, &bytes_);
  PutOptional(row.user_id, &bytes_);
  PutOptional(row.subject_id, &bytes_);
  PutText(row.address, &bytes_);
  PutText(row.detail, &bytes_);
  ++row_count_;
}

}  // namespace records
