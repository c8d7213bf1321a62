// What becomes of each row of an import, decided in one place for a dry run and for a real one: by what
// the database holds and by what this run has taken. Keeps 32 bytes a row. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>

#include "base/status.h"
#include "crypto/crypto.h"
#include "ctl/bulk/user_rows.h"
#include "store/admin_reader.h"

namespace ctl {

class UserLedger {
 public:
  enum class Fate : std::uint8_t { kTaken, kThereAlready, kRefused };
  struct Verdict {
    Fate fate = Fate::kTaken;
    std::string reason;  // of kRefused
  };
  // A row that is taken counts as there from now on. Errors of reading.
  base::Result<Verdict> Judge(const UserInput& user, records::OrganizationId organization_id,
                              domain::AdminReader& reader);

 private:
  using Key = std::array<std::uint8_t, 16>;
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  using Keys = std::unordered_set<Key, Hash>;

  Key KeyOf(const std::string& email) const;

  crypto::OpenSslDigest digest_;
  Keys emails_;  // the beginnings of their SHA-256
  Keys ids_;
};

}  // namespace ctl
