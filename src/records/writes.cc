#include "records/writes.h"

#include <array>
#include <cstddef>
#include <type_traits>

namespace records {

namespace {

enum class Touches : bool { kRows, kDirectory };

struct WriteTraits {
  std::string_view name;
  Capability needs;
  Touches touches;
};

// In the order of Write.
constexpr std::array<WriteTraits, std::variant_size_v<Write>> kTraits{{
    {"CreateDeviceCode", Capability::kServe, Touches::kRows},
    {"DecideDeviceCode", Capability::kServe, Touches::kRows},
    {"RedeemDeviceCode", Capability::kServe, Touches::kRows},
    {"RotateRefreshToken", Capability::kServe, Touches::kRows},
    {"RevokeGrant", Capability::kServe, Touches::kRows},
    {"RevokeUserGrants", Capability::kAdminister, Touches::kRows},
    {"CreateSession", Capability::kServe, Touches::kRows},
    {"EndSession", Capability::kServe, Touches::kRows},
    {"CreatePasswordLink", Capability::kAdminister, Touches::kRows},
    {"RedeemPasswordLink", Capability::kServe, Touches::kRows},
    {"CreateOrganization", Capability::kAdminister, Touches::kDirectory},
    {"UpdateOrganization", Capability::kAdminister, Touches::kDirectory},
    {"DeleteOrganization", Capability::kAdminister, Touches::kDirectory},
    {"CreateService", Capability::kAdminister, Touches::kDirectory},
    {"UpdateService", Capability::kAdminister, Touches::kDirectory},
    {"DeleteService", Capability::kAdminister, Touches::kDirectory},
    {"CreatePlan", Capability::kAdminister, Touches::kDirectory},
    {"UpdatePlan", Capability::kAdminister, Touches::kDirectory},
    {"DeletePlan", Capability::kAdminister, Touches::kDirectory},
    {"CreateUser", Capability::kAdminister, Touches::kRows},
    {"UpdateUser", Capability::kAdminister, Touches::kRows},
    {"DeleteUser", Capability::kAdminister, Touches::kRows},
    {"CreateSubscription", Capability::kAdminister, Touches::kRows},
    {"UpdateSubscription", Capability::kAdminister, Touches::kRows},
    {"DeleteSubscription", Capability::kAdminister, Touches::kRows},
    {"CreateMembership", Capability::kAdminister, Touches::kRows},
    {"CreateSigningKey", Capability::kAdminister, Touches::kDirectory},
    {"PromoteSigningKey", Capability::kAdminister, Touches::kDirectory},
    {"Probe", Capability::kServe, Touches::kRows},
    {"CreateDomain", Capability::kAdminister, Touches::kDirectory},
    {"DeleteDomain", Capability::kAdminister, Touches::kDirectory},
    {"RecordFailedSignIn", Capability::kServe, Touches::kRows},
    {"DeleteSigningKey", Capability::kAdminister, Touches::kDirectory},
    {"ReplacePasswordHash", Capability::kServe, Touches::kRows},
    {"ImportUser", Capability::kAdminister, Touches::kRows},
    {"RecordChildDeath", Capability::kServe, Touches::kRows},
}};
static_assert(!kTraits.back().name.empty(), "one row for each record");

template <class... Records>
consteval bool EachListsAllItsMembers(std::type_identity<std::variant<Records...>> /*writes*/) {
  return (AllListed<Records>() && ...);
}
static_assert(EachListsAllItsMembers(std::type_identity<Write>()));

}  // namespace

const RecordId& RecordIdOf(const Write& write) {
  return std::visit([](const auto& record) -> const RecordId& { return record.record_id; }, write);
}

std::string_view NameOf(const Write& write) { return NameOfType(write.index()); }

std::string_view NameOfType(std::size_t type) { return kTraits[type].name; }

bool MaySend(Sender sender, std::size_t type) { return sender.Has(kTraits[type].needs); }

bool ChangesDirectory(const Write& write) {
  return kTraits[write.index()].touches == Touches::kDirectory;
}

}  // namespace records
