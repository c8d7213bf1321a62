// Hashes of passwords.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace domain {

// Argon2id, and whatever else an import brought. Slow by design: only the `login` pool calls it.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;
  virtual base::Result<std::string> Hash(std::string_view password) = 0;
  // false for a wrong password; an empty or unknown hash takes the time of a real one and is false.
  virtual bool Verify(std::string_view password, std::string_view password_hash) = 0;
  // An import brought it and its password was never right here: it may be of a password that is not
  // normalized (accounts/password_text.h).
  virtual bool IsImported(std::string_view password_hash) const = 0;
  // How many hashes of ours Verify costs with it, about: 1 to 10.
  virtual int PriceOf(std::string_view password_hash) const = 0;
  // What to store instead of a hash that is right for this normalized password. nullopt: nothing, for
  // it is ours and costs at least what Hash() takes today; or that cannot be made now.
  virtual std::optional<std::string> Renew(std::string_view password,
                                           std::string_view password_hash) = 0;
};

}  // namespace domain
