// Bodies and queries as forms: what is taken is clean text under names that are there once.
#include "base/utf8.h"
#include "fuzz.h"
#include "http/params.h"

namespace fuzz {

std::vector<std::string> Seeds() {
  return {"client_id=tps-cli&scope=openid+profile",
          "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=a.b",
          "a=1&a=2",
          "user_code=%C3%A9-%F0%9F%94%91",
          "=&&=%00",
          std::string(200, '&')};
}

void FuzzOne(std::string_view bytes) {
  const auto value = http::DecodeFormValue(bytes);
  if (value.ok()) {
    Require(base::IsUtf8(*value), "a decoded value is UTF-8");
    Require(value->size() <= bytes.size(), "decoding makes nothing longer");
    Require(value->find('\0') == std::string::npos, "a decoded value has no NUL");
  }
  if (const auto params = http::ParseForm(bytes); params.ok()) {
    for (const char* name : {"client_id", "a", "user_code", ""}) {
      Require(base::IsUtf8(params->Get(name)), "a parameter is UTF-8");
    }
  }
}

}  // namespace fuzz
