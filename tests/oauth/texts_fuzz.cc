// What a client sends as codes, tokens and scopes: read without harm, and written again as it was.
#include "base/bytes.h"
#include "base/text.h"
#include "domain/split_token.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "oauth/bearer.h"
#include "oauth/device/user_code.h"
#include "oauth/scope.h"
#include "records/ids.h"

namespace fuzz {

namespace {

constexpr std::string_view kUserCodeAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789-";

std::string Token(Random& random) {
  const std::string jti = random.OneIn(4) ? Base64Url(random, Text(random, 20))
                                          : domain::JtiText(records::AccessTokenId{});
  const std::string claims = "{\"jti\":\"" + jti + "\",\"iss\":\"x\"}";
  return "eyJhbGciOiJFUzI1NiJ9." + Base64Url(random, claims) + ".c2ln";
}

std::string UserCode(Random& random) {
  constexpr std::string_view kSymbols = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789abcdefgio01 -\xc3";
  std::string code;
  for (std::size_t left = random.OneIn(4) ? random.Below(70) : 7 + random.Below(4); left > 0;
       --left) {
    code.push_back(kSymbols[random.Below(kSymbols.size())]);
  }
  return code;
}

std::string Scope(Random& random) {
  constexpr std::array<std::string_view, 7> kWords{"openid", "profile", "email", "offline_access",
                                                   "x",      "\"",      ""};
  std::string scope;
  for (std::size_t left = random.Below(8); left > 0; --left) {
    scope += std::string(random.Pick(kWords)) + (random.OneIn(20) ? "  " : " ");
  }
  if (!scope.empty() && !random.OneIn(8)) scope.pop_back();
  return scope;
}

void CheckUserCode(std::string_view bytes) {
  const auto code = oauth::NormalizeUserCode(bytes);
  if (!code) return;
  Require(code->find_first_not_of(kUserCodeAlphabet) == std::string::npos,
          "a user code has its alphabet's symbols");
  Require(code->size() == 9, "a user code has eight of them and a dash");
  Require(oauth::NormalizeUserCode(*code) == code, "a normal user code stays as it is");
  Require(oauth::NormalizeUserCode(base::AsciiLower(*code)) == code, "in small letters too");
}

void CheckBase64(std::string_view bytes) {
  const auto plain = base::Base64UrlDecode(bytes);
  if (plain) {
    Require(base::Base64UrlEncode(base::AsBytes(*plain)) == bytes, "base64url has one text");
  }
  const auto again = base::Base64UrlDecode(base::Base64UrlEncode(base::AsBytes(bytes)));
  Require(again && *again == bytes, "all bytes can be written so");
  (void)base::Base64Decode(bytes);
  if (const auto uuid = base::ParseUuid(bytes)) {
    Require(base::UuidText(*uuid) == base::AsciiLower(bytes), "a UUID has one text");
  }
}

void CheckScope(std::string_view bytes) {
  const auto scope = oauth::GrantScope(bytes, "");
  if (!scope.ok()) return;
  const auto again = oauth::GrantScope(*scope, "");
  Require(again.ok() && *again == *scope, "a granted scope is granted again");
  Require(oauth::NarrowScope(*scope, *scope).ok(), "a scope is within itself");
  Require(scope->size() <= bytes.size(), "no more is granted than was asked for");
}

}  // namespace

std::string Grow(Random& random) {
  switch (random.Below(6)) {
    case 0:
      return UserCode(random);
    case 1:
      return Scope(random);
    case 2:
      return Base64Url(random, Text(random, 100));
    case 3:
      return Uuid(random);
    case 4: {
      domain::Secret secret{};
      for (auto& byte : secret) byte = static_cast<std::uint8_t>(random.Byte());
      const std::string handle = domain::EncodeSplitToken(records::DeviceCodeId{}, secret);
      return random.OneIn(4) ? ReplaceToken(handle, random) : handle;
    }
    default:
      return Token(random);
  }
}

void FuzzOne(std::string_view bytes) {
  CheckUserCode(bytes);
  CheckBase64(bytes);
  CheckScope(bytes);
  if (const auto handle = domain::DecodeSplitToken<records::DeviceCodeTag>(bytes)) {
    Require(domain::EncodeSplitToken(handle->id, handle->secret) == bytes, "a handle has one text");
  }
  (void)oauth::ReadJti(bytes);
}

}  // namespace fuzz
