#include "base/text.h"
#include "jose/jose.h"
#include "json/object_writer.h"
#include "records/audit/audit.h"

namespace jose {

using json::ObjectWriter;

namespace {

std::string ToJson(const Jwk& key) {
  return ObjectWriter()
      .Text("kty", key.kty)
      .Text("alg", key.alg)
      .Text("use", "sig")
      .Text("kid", key.kid)
      .OptionalText("crv", key.crv)
      .OptionalText("x", key.x)
      .OptionalText("y", key.y)
      .OptionalText("n", key.n)
      .OptionalText("e", key.e)
      .Take();
}

}  // namespace

std::string ToJson(const domain::AccessTokenClaims& claims) {
  ObjectWriter writer;
  writer.Text("jti", domain::JtiText(claims.jti))
      .Text("iss", claims.iss)
      .Array("aud", claims.aud)
      .Text("sub", claims.sub)
      .Number("exp", base::ToUnixSeconds(claims.exp))
      .Number("iat", base::ToUnixSeconds(claims.iat))
      .Number("auth_time", base::ToUnixSeconds(claims.auth_time))
      .Text("client_id", claims.client_id)
      .OptionalText("scope", claims.scope)
      .OptionalText("email", claims.email)
      .Bool("is_platform_owner", claims.is_platform_owner)
      .OptionalText("org", claims.org)
      .OptionalText("service", claims.service)
      .OptionalText("plan", claims.plan);
  if (!claims.features.empty()) writer.Array("features", claims.features);
  if (!claims.amr.empty()) writer.Array("amr", base::Split(claims.amr, ' '));
  return writer.Take();
}

std::string ToJson(const domain::IdTokenClaims& claims) {
  ObjectWriter writer;
  writer.Text("iss", claims.iss)
      .Text("aud", claims.aud)
      .Text("sub", claims.sub)
      .Number("exp", base::ToUnixSeconds(claims.exp))
      .Number("iat", base::ToUnixSeconds(claims.iat))
      .Number("auth_time", base::ToUnixSeconds(claims.auth_time))
      .Text("org", claims.org)
      .Text("sid", claims.sid);
  if (!claims.email.empty()) {
    writer.Text("email", claims.email).Bool("email_verified", claims.email_verified);
  }
  if (!claims.amr.empty()) writer.Array("amr", base::Split(claims.amr, ' '));
  return writer.Take();
}

std::string JwtHeader(std::string_view alg, std::string_view typ, std::string_view kid) {
  return ObjectWriter().Text("alg", alg).Text("typ", typ).Text("kid", kid).Take();
}

std::string JwksJson(const std::vector<Jwk>& keys) {
  std::vector<std::string> texts;
  for (const Jwk& key : keys) texts.push_back(ToJson(key));
  return ObjectWriter().RawArray("keys", texts).Take();
}

}  // namespace jose
