#include "ctl/backup/key_check.h"

#include "store/backup/backup_check.h"

namespace ctl {

base::Status CheckKeyOpens(const crypto::MasterKey& key, const std::string& backup_path) {
  const auto keys = store::ListWrappedKeys(backup_path);
  if (!keys.ok()) return keys.error();
  std::size_t closed = 0;
  for (const store::WrappedKey& wrapped : *keys) {
    const auto opened =
        crypto::SigningKey::Unwrap(wrapped.algorithm, wrapped.wrapped_private_key, key);
    if (!opened.ok()) ++closed;
  }
  if (closed == 0) return {};
  return {base::Code::kConflict,
          "the master key does not open " + std::to_string(closed) + " of the " +
              std::to_string(keys->size()) +
              " signing keys in the backup, which was made under another one"};
}

}  // namespace ctl
