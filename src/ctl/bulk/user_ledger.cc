#include "ctl/bulk/user_ledger.h"

#include <algorithm>
#include <cstring>

namespace ctl {

namespace {

using base::Code;
using base::Result;
using Verdict = UserLedger::Verdict;

Verdict Refuse(std::string reason) { return {UserLedger::Fate::kRefused, std::move(reason)}; }

template <class Row>
Result<bool> IsFound(const Result<Row>& found) {
  if (found.ok()) return true;
  if (found.error().code() == Code::kNotFound) return false;
  return found.error();
}

}  // namespace

std::size_t UserLedger::Hash::operator()(const Key& key) const {
  std::size_t hash = 0;
  std::memcpy(&hash, key.data() + key.size() - sizeof hash, sizeof hash);
  return hash;
}

UserLedger::Key UserLedger::KeyOf(const std::string& email) const {
  const records::Sha256 hash = digest_.Sha256(base::AsBytes(email));
  Key key{};
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

Result<Verdict> UserLedger::Judge(const UserInput& user, records::OrganizationId organization_id,
                                  domain::AdminReader& reader) {
  const Key email = KeyOf(user.email);
  if (emails_.contains(email)) return Refuse("the address stands in this file twice");
  const auto is_there = IsFound(reader.FindUserByEmail(organization_id, user.email));
  if (!is_there.ok()) return is_there.error();
  if (*is_there) return Verdict{.fate = Fate::kThereAlready, .reason = {}};
  if (user.id) {
    if (ids_.contains(user.id->bytes)) return Refuse("the id stands in this file twice");
    // Of whatever organization: an id names one user of the whole server.
    const auto is_taken = IsFound(reader.FindOrganizationOfUser(*user.id));
    if (!is_taken.ok()) return is_taken.error();
    if (*is_taken) return Refuse("the id is somebody's already");
    ids_.insert(user.id->bytes);
  }
  emails_.insert(email);
  return Verdict{};
}

}  // namespace ctl
