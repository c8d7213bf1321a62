// The write records: everything that can ever be asked of the writer, declared once, by theme in the
// *_writes.h beside this file.
// The wire format is the encoding of kFields in order (wire/codec), the tables are their storage
// (store/apply/batch_applier). Records arrive complete: ids, hashes and times are fixed by the sender.
// To add a write: one struct with its kFields in the file of its theme, its place at the end of
// Write, its row in writes.cc (who may send it, whether it changes the directory), one Apply function
// in store/ and one in the fake of tests/store/, its event of the audit log in audit_notes.cc, one golden
// file in tests/wire/. Fields are appended, never moved.
//
// The same record again gets the same answer. What changes a row knows it by the record's id, kept in
// the row; what creates one by the row's own id, which comes from the sender: another child, to which
// nginx sent the request again, draws another, and the first row is left unused until it expires.
//
// What each record may refuse with, beside kUnavailable and kFull, stands above it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/status.h"
#include "records/directory_writes.h"
#include "records/fields.h"
#include "records/grant_writes.h"
#include "records/ids.h"
#include "records/people_writes.h"
#include "records/session_writes.h"

namespace records {

using base::Time;

// Proves that a write commits; leaves one row in all. Never refused.
struct Probe {
  RecordId record_id;
  Time probed_at;
  static constexpr Fields<&Probe::record_id, &Probe::probed_at> kFields{};
};

// Changes nothing but the audit log: a child of a pool died while it worked on a request. The address
// of the request's client travels beside it, as with every record. kNotFound: there is no platform.
struct RecordChildDeath {
  RecordId record_id;  // its own: the request's may be that of a record which the request made
  RecordId request_id;
  std::string child;  // "api-2"
  std::string how;    // "signal 6 (Aborted)"
  static constexpr Fields<&RecordChildDeath::record_id, &RecordChildDeath::request_id,
                          &RecordChildDeath::child, &RecordChildDeath::how>
      kFields{};
};

// The wire type of a record is its index here.
using Write =
    std::variant<CreateDeviceCode, DecideDeviceCode, RedeemDeviceCode, RotateRefreshToken,
                 RevokeGrant, RevokeUserGrants, CreateSession, EndSession, CreatePasswordLink,
                 RedeemPasswordLink, CreateOrganization, UpdateOrganization, DeleteOrganization,
                 CreateService, UpdateService, DeleteService, CreatePlan, UpdatePlan, DeletePlan,
                 CreateUser, UpdateUser, DeleteUser, CreateSubscription, UpdateSubscription,
                 DeleteSubscription, CreateMembership, CreateSigningKey, PromoteSigningKey, Probe,
                 CreateDomain, DeleteDomain, RecordFailedSignIn, DeleteSigningKey,
                 ReplacePasswordHash, ImportUser, RecordChildDeath>;

// What the writer answers, after COMMIT.
struct WriteResult {
  base::Code code = base::Code::kUnavailable;
  base::IdBytes id{};      // as the record says
  std::int64_t count = 0;  // as the record says
};

const RecordId& RecordIdOf(const Write& write);
// "CreateDeviceCode", for logs.
std::string_view NameOf(const Write& write);
std::string_view NameOfType(std::size_t type);  // an index in Write

// What a record needs of its sender. kServe: what people and devices do. kAdminister: keys, the
// directory, people, and what ends all of somebody's.
enum class Capability : std::uint8_t { kServe = 1, kAdminister = 2 };
// What one peer of the writer may send: a set of capabilities.
class Sender {
 public:
  template <class... Each>
  constexpr explicit Sender(Each... capabilities)
      : bits_((0U | ... | static_cast<unsigned>(capabilities))) {}
  constexpr bool Has(Capability capability) const {
    return (bits_ & static_cast<unsigned>(capability)) != 0;
  }
  friend constexpr bool operator==(Sender, Sender) = default;

 private:
  unsigned bits_;
};
inline constexpr Sender kWebSender{Capability::kServe};  // a pool
inline constexpr Sender kOperatorSender{Capability::kServe, Capability::kAdminister};
// `type`: an index in Write.
bool MaySend(Sender sender, std::size_t type);
// Records after which cached directory rows are stale.
bool ChangesDirectory(const Write& write);

}  // namespace records
