#include "jose/jose.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "json/value.h"
#include "records/audit/audit.h"

namespace jose {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kMaxBytes = 16 * 1024;
constexpr std::size_t kMaxKeys = 20;

Status Invalid(std::string message) { return {base::Code::kInvalid, std::move(message)}; }

std::optional<json::Value> ParseObject(std::string_view text) {
  auto parsed = json::Parse(text);
  if (!parsed.ok() || !std::holds_alternative<json::Object>(parsed->value())) return std::nullopt;
  return std::move(*parsed);
}

// The member's text; nullopt where it is there and is none. "" where it is missing.
std::optional<std::string> Text(const json::Value& object, std::string_view name) {
  const json::Value* member = object.Find(name);
  return member == nullptr ? std::string() : member->Text();
}

// NumericDate (RFC 7519 §2): seconds, perhaps with a fraction.
bool ReadTime(const json::Value& object, std::string_view name, std::optional<base::Time>* time) {
  constexpr double kLatest = 1e11;  // the year 5138
  const json::Value* member = object.Find(name);
  if (member == nullptr) return true;
  const auto seconds = member->Real();
  if (!seconds || *seconds < 0 || *seconds > kLatest) return false;
  *time = base::FromUnixMillis(std::llround(*seconds * 1000));
  return true;
}

bool ReadAudience(const json::Value& object, std::vector<std::string>* aud) {
  const json::Value* member = object.Find("aud");
  if (member == nullptr) return true;
  if (auto text = member->Text()) {
    aud->push_back(std::move(*text));
    return true;
  }
  const auto* array = std::get_if<json::Array>(&member->value());
  if (array == nullptr) return false;
  for (const json::Value& one : *array) {
    auto text = one.Text();
    if (!text) return false;
    aud->push_back(std::move(*text));
  }
  return true;
}

std::optional<domain::AssertionClaims> ReadClaims(std::string_view payload) {
  const auto object = ParseObject(payload);
  if (!object) return std::nullopt;
  domain::AssertionClaims claims;
  auto iss = Text(*object, "iss");
  auto sub = Text(*object, "sub");
  auto jti = Text(*object, "jti");
  if (!iss || !sub || !jti || !ReadAudience(*object, &claims.aud)) return std::nullopt;
  if (!ReadTime(*object, "exp", &claims.exp) || !ReadTime(*object, "nbf", &claims.nbf) ||
      !ReadTime(*object, "iat", &claims.iat)) {
    return std::nullopt;
  }
  claims.iss = std::move(*iss);
  claims.sub = std::move(*sub);
  claims.jti = std::move(*jti);
  return claims;
}

std::optional<std::pair<std::string, std::string>> ReadAlgAndKid(std::string_view header) {
  const auto object = ParseObject(header);
  if (!object || object->Find("crit") != nullptr) return std::nullopt;
  auto alg = Text(*object, "alg");
  auto kid = Text(*object, "kid");
  if (!alg || !kid) return std::nullopt;
  return std::pair(std::move(*alg), std::move(*kid));
}

std::optional<Jwk> ReadJwk(const json::Value& value) {
  Jwk key;
  const std::array<std::pair<const char*, std::string*>, 8> members{{{"kty", &key.kty},
                                                                     {"alg", &key.alg},
                                                                     {"kid", &key.kid},
                                                                     {"crv", &key.crv},
                                                                     {"x", &key.x},
                                                                     {"y", &key.y},
                                                                     {"n", &key.n},
                                                                     {"e", &key.e}}};
  for (const auto& [name, member] : members) {
    auto text = Text(value, name);
    if (!text) return std::nullopt;
    *member = std::move(*text);
  }
  return key;
}

}  // namespace

Result<Jwt> ParseJwt(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (text.size() > kMaxBytes || second == std::string_view::npos) return Invalid("not a JWT");
  const auto header = base::Base64UrlDecode(text.substr(0, first));
  const auto payload = base::Base64UrlDecode(text.substr(first + 1, second - first - 1));
  auto signature = base::Base64UrlDecode(text.substr(second + 1));
  if (!header || !payload || !signature) return Invalid("not a JWT: bad base64url");
  auto alg_and_kid = ReadAlgAndKid(*header);
  if (!alg_and_kid) return Invalid("the header of the JWT is not one we understand");
  auto claims = ReadClaims(*payload);
  if (!claims) return Invalid("the claims of the JWT are malformed");
  return Jwt{.alg = std::move(alg_and_kid->first),
             .kid = std::move(alg_and_kid->second),
             .claims = std::move(*claims),
             .signing_input = text.substr(0, second),
             .signature = std::move(*signature)};
}

Result<std::vector<Jwk>> ParseJwks(std::string_view text) {
  const auto object = text.size() > kMaxBytes ? std::nullopt : ParseObject(text);
  if (!object) return Invalid("not a JSON object of at most 16 KB");
  const json::Value* member = object->Find("keys");
  const auto* array = member == nullptr ? nullptr : std::get_if<json::Array>(&member->value());
  if (array == nullptr || array->size() > kMaxKeys) {
    return Invalid("no array \"keys\" of at most 20 keys (RFC 7517 section 5)");
  }
  std::vector<Jwk> keys;
  for (const json::Value& value : *array) {
    if (!std::holds_alternative<json::Object>(value.value())) {
      return Invalid("a key is not an object");
    }
    if (value.Find("d") != nullptr) {
      return Invalid("a key has its private part (\"d\"): give the public one alone");
    }
    const auto use = Text(value, "use");
    auto key = ReadJwk(value);
    if (!use || !key) return Invalid("a member of a key is not a text");
    if (use->empty() || *use == "sig") keys.push_back(std::move(*key));
  }
  return keys;
}

std::optional<records::SigningAlgorithm> AlgorithmOf(const Jwk& key) {
  using records::SigningAlgorithm;
  for (const SigningAlgorithm algorithm : {SigningAlgorithm::kEs256, SigningAlgorithm::kRs256}) {
    const bool is_ec = algorithm == SigningAlgorithm::kEs256;
    const bool is_kind = is_ec ? key.kty == "EC" && key.crv == "P-256" : key.kty == "RSA";
    if (is_kind && (key.alg.empty() || key.alg == records::ToText(algorithm))) return algorithm;
  }
  return std::nullopt;
}

}  // namespace jose
