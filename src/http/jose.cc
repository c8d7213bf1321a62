#include "http/jose.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/bytes.h"

#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/document.h>

namespace http {

namespace {

using base::Result;
using base::Status;

constexpr std::size_t kMaxBytes = 16 * 1024;
constexpr std::size_t kMaxKeys = 20;

Status Invalid(std::string message) { return {base::Code::kInvalid, std::move(message)}; }

bool ParseObject(std::string_view text, rapidjson::Document* document) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  document->Parse<kFlags>(text.data(), text.size());
  return !document->HasParseError() && document->IsObject();
}

// The member's text; nullopt where it is there and is none. "" where it is missing.
std::optional<std::string> Text(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd()) return std::string();
  if (!member->value.IsString()) return std::nullopt;
  return std::string(member->value.GetString(), member->value.GetStringLength());
}

// NumericDate (RFC 7519 §2): seconds, perhaps with a fraction.
bool ReadTime(const rapidjson::Value& object, const char* name, std::optional<base::Time>* time) {
  constexpr double kLatest = 1e11;  // the year 5138
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd()) return true;
  if (!member->value.IsNumber()) return false;
  const double seconds = member->value.GetDouble();
  if (!(seconds >= 0 && seconds <= kLatest)) return false;
  *time = base::FromUnixMillis(std::llround(seconds * 1000));
  return true;
}

bool ReadAudience(const rapidjson::Value& object, std::vector<std::string>* aud) {
  const auto member = object.FindMember("aud");
  if (member == object.MemberEnd()) return true;
  const rapidjson::Value& value = member->value;
  if (value.IsString()) {
    aud->emplace_back(value.GetString(), value.GetStringLength());
    return true;
  }
  if (!value.IsArray()) return false;
  for (const auto& one : value.GetArray()) {
    if (!one.IsString()) return false;
    aud->emplace_back(one.GetString(), one.GetStringLength());
  }
  return true;
}

std::optional<oauth::AssertionClaims> ReadClaims(std::string_view payload) {
  rapidjson::Document document;
  if (!ParseObject(payload, &document)) return std::nullopt;
  oauth::AssertionClaims claims;
  auto iss = Text(document, "iss");
  auto sub = Text(document, "sub");
  auto jti = Text(document, "jti");
  if (!iss || !sub || !jti || !ReadAudience(document, &claims.aud)) return std::nullopt;
  if (!ReadTime(document, "exp", &claims.exp) || !ReadTime(document, "nbf", &claims.nbf) ||
      !ReadTime(document, "iat", &claims.iat)) {
    return std::nullopt;
  }
  claims.iss = std::move(*iss);
  claims.sub = std::move(*sub);
  claims.jti = std::move(*jti);
  return claims;
}

std::optional<std::pair<std::string, std::string>> ReadAlgAndKid(std::string_view header) {
  rapidjson::Document document;
  if (!ParseObject(header, &document) || document.HasMember("crit")) return std::nullopt;
  auto alg = Text(document, "alg");
  auto kid = Text(document, "kid");
  if (!alg || !kid) return std::nullopt;
  return std::pair(std::move(*alg), std::move(*kid));
}

std::optional<Jwk> ReadJwk(const rapidjson::Value& value) {
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
  rapidjson::Document document;
  if (text.size() > kMaxBytes || !ParseObject(text, &document)) {
    return Invalid("not a JSON object of at most 16 KB");
  }
  const auto member = document.FindMember("keys");
  if (member == document.MemberEnd() || !member->value.IsArray() ||
      member->value.Size() > kMaxKeys) {
    return Invalid("no array \"keys\" of at most 20 keys (RFC 7517 section 5)");
  }
  std::vector<Jwk> keys;
  for (const auto& value : member->value.GetArray()) {
    if (!value.IsObject()) return Invalid("a key is not an object");
    if (value.HasMember("d")) {
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

}  // namespace http
