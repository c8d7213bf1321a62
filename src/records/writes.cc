#include "records/writes.h"

#include <array>
#include <cstddef>

namespace records {

namespace {

enum class Touches : bool { kRows, kDirectory };

struct WriteTraits {
  std::string_view name;
  Sender least_sender;  // kWeb: every sender may
  Touches touches;
};

// In the order of Write.
constexpr std::array<WriteTraits, 36> kTraits{{
    {"CreateDeviceCode", Sender::kWeb, Touches::kRows},
    {"DecideDeviceCode", Sender::kWeb, Touches::kRows},
    {"RedeemDeviceCode", Sender::kWeb, Touches::kRows},
    {"RotateRefreshToken", Sender::kWeb, Touches::kRows},
    {"RevokeGrant", Sender::kWeb, Touches::kRows},
    {"RevokeUserGrants", Sender::kWeb, Touches::kRows},
    {"CreateSession", Sender::kWeb, Touches::kRows},
    {"EndSession", Sender::kWeb, Touches::kRows},
    {"CreatePasswordLink", Sender::kOperator, Touches::kRows},
    {"RedeemPasswordLink", Sender::kWeb, Touches::kRows},
    {"CreateOrganization", Sender::kOperator, Touches::kDirectory},
    {"UpdateOrganization", Sender::kOperator, Touches::kDirectory},
    {"DeleteOrganization", Sender::kOperator, Touches::kDirectory},
    {"CreateService", Sender::kOperator, Touches::kDirectory},
    {"UpdateService", Sender::kOperator, Touches::kDirectory},
    {"DeleteService", Sender::kOperator, Touches::kDirectory},
    {"CreatePlan", Sender::kOperator, Touches::kDirectory},
    {"UpdatePlan", Sender::kOperator, Touches::kDirectory},
    {"DeletePlan", Sender::kOperator, Touches::kDirectory},
    {"CreateUser", Sender::kOperator, Touches::kRows},
    {"UpdateUser", Sender::kOperator, Touches::kRows},
    {"DeleteUser", Sender::kOperator, Touches::kRows},
    {"CreateSubscription", Sender::kOperator, Touches::kRows},
    {"UpdateSubscription", Sender::kOperator, Touches::kRows},
    {"DeleteSubscription", Sender::kOperator, Touches::kRows},
    {"CreateMembership", Sender::kOperator, Touches::kRows},
    {"CreateSigningKey", Sender::kOperator, Touches::kDirectory},
    {"PromoteSigningKey", Sender::kOperator, Touches::kDirectory},
    {"Probe", Sender::kWeb, Touches::kRows},
    {"CreateDomain", Sender::kOperator, Touches::kDirectory},
    {"DeleteDomain", Sender::kOperator, Touches::kDirectory},
    {"RecordFailedSignIn", Sender::kWeb, Touches::kRows},
    {"DeleteSigningKey", Sender::kOperator, Touches::kDirectory},
    {"ReplacePasswordHash", Sender::kWeb, Touches::kRows},
    {"ImportUser", Sender::kOperator, Touches::kRows},
    {"RecordChildDeath", Sender::kWeb, Touches::kRows},
}};
static_assert(kTraits.size() == std::variant_size_v<Write>, "one row for each record");

}  // namespace

const RecordId& RecordIdOf(const Write& write) {
  return std::visit([](const auto& record) -> const RecordId& { return record.record_id; }, write);
}

std::string_view NameOf(const Write& write) { return NameOfType(write.index()); }

std::string_view NameOfType(std::size_t type) { return kTraits[type].name; }

bool MaySend(Sender sender, std::size_t type) { return sender >= kTraits[type].least_sender; }

bool ChangesDirectory(const Write& write) {
  return kTraits[write.index()].touches == Touches::kDirectory;
}

}  // namespace records
