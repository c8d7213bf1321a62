#include "ctl/commands/client_keys.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "base/os/owner.h"
#include "crypto/crypto.h"
#include "jose/jose.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr std::size_t kMaxBytes = 16 * 1024;

Status CheckKey(const jose::Jwk& key, std::size_t number) {
  const auto algorithm = jose::AlgorithmOf(key);
  const bool is_usable =
      algorithm &&
      crypto::MakePublicKey(*algorithm, {.x = key.x, .y = key.y, .n = key.n, .e = key.e}).ok();
  if (is_usable) return {};
  return {
      Code::kInvalid,
      fmt::format("key {} is no key for ES256 (EC, P-256, x and y of 32 bytes) or RS256 (RSA, 2048 "
                  "to 4096 bits, an exponent of at most 32 bits)",
                  number)};
}

}  // namespace

Result<std::string> ReadClientKeys(const std::string& path) {
  const base::AsCaller caller;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status(Code::kNotFound, "cannot read " + path);
  std::string text;
  text.resize(kMaxBytes + 1);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const auto keys = jose::ParseJwks(text);
  if (!keys.ok()) return Status(Code::kInvalid, path + ": " + keys.error().message());
  if (keys->empty()) return Status(Code::kInvalid, path + " has no key for signing");
  for (std::size_t i = 0; i < keys->size(); ++i) {
    if (Status status = CheckKey((*keys)[i], i + 1); !status.ok()) {
      return Status(Code::kInvalid, path + ": " + status.message());
    }
  }
  return jose::JwksJson(*keys);
}

}  // namespace ctl
