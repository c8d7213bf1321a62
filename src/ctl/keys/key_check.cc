#include "ctl/keys/key_check.h"

#include "store/backup/backup_check.h"

namespace ctl {

base::Status CheckKeyOpens(const crypto::MasterKey& key, const std::string& database_path) {
  const auto keys = store::ListWrappedKeys(database_path);
  if (!keys.ok()) return keys.error();
  std::size_t wanted = 0;
  std::size_t closed = 0;
  for (const store::WrappedKey& wrapped : *keys) {
    if (wrapped.state == records::SigningKeyState::kRetired) continue;
    ++wanted;
    const auto opened =
        crypto::SigningKey::Unwrap(wrapped.algorithm, wrapped.wrapped_private_key, key);
    if (!opened.ok()) ++closed;
  }
  if (closed == 0) return {};
  return {base::Code::kConflict, "the master key does not open " + std::to_string(closed) +
                                     " of the " + std::to_string(wanted) +
                                     " signing keys, which were made under another one"};
}

}  // namespace ctl
