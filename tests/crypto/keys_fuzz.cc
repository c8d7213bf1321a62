// Public keys that clients register and signatures that they send: no key is made of what is none, and no signature of
// strangers is right.
#include <array>
#include <vector>

#include "base/bytes.h"
#include "crypto/public_key.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"

namespace fuzz {

namespace {

using records::SigningAlgorithm;

constexpr std::string_view kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr std::string_view kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

// Lines: x or n, y or e, then what is signed, then the signature in base64url.
std::array<std::string_view, 4> Lines(std::string_view bytes) {
  std::array<std::string_view, 4> lines;
  for (auto& line : lines) {
    line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
  }
  return lines;
}

void Check(SigningAlgorithm algorithm, const std::array<std::string_view, 4>& lines) {
  crypto::PublicParameters parameters;
  const bool is_ec = algorithm == SigningAlgorithm::kEs256;
  (is_ec ? parameters.x : parameters.n) = lines[0];
  (is_ec ? parameters.y : parameters.e) = lines[1];
  const auto key = crypto::MakePublicKey(algorithm, parameters);
  if (!key.ok()) return;
  const auto again = crypto::ParsePublicKey(algorithm, *key);
  Require(again.ok(), "a key that was made is read");
  const auto same = crypto::MakePublicKey(algorithm, *again);
  Require(same.ok() && *same == *key, "and makes the same key");
  const auto signature = base::Base64UrlDecode(lines[3]);
  if (!signature) return;
  Require(!crypto::VerifySignature(algorithm, *key, lines[2], *signature),
          "nobody without the private key signs");
}

}  // namespace

std::string Grow(Random& random) {
  std::string bytes(random.OneIn(4) ? random.Length(1100) : 256, '\0');
  for (char& c : bytes) c = random.Byte();
  const bool is_ec = random.OneIn(2);
  std::string key =
      is_ec ? std::string(kX) + "\n" + std::string(kY)
            : Base64Url(random, bytes) + "\n" + (random.OneIn(4) ? "AQABAQABAQAB" : "AQAB");
  if (random.OneIn(4)) key = ReplaceToken(key, random);
  std::string signature(is_ec && !random.OneIn(4) ? 64 : random.Length(300), random.Byte());
  for (char& c : signature) c = random.OneIn(2) ? c : random.Byte();
  return key + "\n" + Text(random, 20) + "\n" + Base64Url(random, signature);
}

void FuzzOne(std::string_view bytes) {
  const auto lines = Lines(bytes);
  Check(SigningAlgorithm::kEs256, lines);
  Check(SigningAlgorithm::kRs256, lines);
  (void)crypto::ParsePublicKey(SigningAlgorithm::kEs256, bytes);
  (void)crypto::ParsePublicKey(SigningAlgorithm::kRs256, bytes);
}

}  // namespace fuzz
