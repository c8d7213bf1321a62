// What a client sends as codes, tokens and scopes: read without harm, and written again as it was.
#include <algorithm>

#include "base/bytes.h"
#include "fuzz.h"
#include "oauth/bearer.h"
#include "oauth/device/user_code.h"
#include "oauth/handle.h"
#include "oauth/scope.h"
#include "records/ids.h"

namespace fuzz {

namespace {

constexpr std::string_view kUserCodeAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789-";

std::string Token() {
  const std::string jti = oauth::JtiText(records::AccessTokenId{});
  return "eyJhbGciOiJFUzI1NiJ9." +
         base::Base64UrlEncode(base::AsBytes("{\"jti\":\"" + jti + "\",\"iss\":\"x\"}")) + ".c2ln";
}

}  // namespace

std::vector<std::string> Seeds() {
  return {"BCDF-GHJK", "bcdf ghjk",   "openid profile openid",
          "a\tb",      Token(),       oauth::EncodeHandle(records::DeviceCodeId{}, oauth::Secret{}),
          "AAAA",      "dHBzLWNsaTo="};
}

void FuzzOne(std::string_view bytes) {
  if (const auto code = oauth::NormalizeUserCode(bytes)) {
    Require(code->find_first_not_of(kUserCodeAlphabet) == std::string::npos,
            "a user code has its alphabet's symbols");
    Require(oauth::NormalizeUserCode(*code) == code, "a normal user code stays as it is");
  }
  if (const auto handle = oauth::DecodeHandle<records::DeviceCodeTag>(bytes)) {
    Require(oauth::EncodeHandle(handle->id, handle->secret) == bytes, "a handle has one text");
  }
  if (const auto plain = base::Base64UrlDecode(bytes)) {
    Require(base::Base64UrlEncode(base::AsBytes(*plain)) == bytes, "base64url has one text");
  }
  (void)base::Base64Decode(bytes);
  (void)oauth::ReadJti(bytes);
  if (const auto scope = oauth::GrantScope(bytes, ""); scope.ok()) {
    const auto again = oauth::GrantScope(*scope, "");
    Require(again.ok() && *again == *scope, "a granted scope is granted again");
    Require(oauth::NarrowScope(*scope, *scope).ok(), "a scope is within itself");
  }
}

}  // namespace fuzz
