#include "fuzz/grammar.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "base/bytes.h"

namespace fuzz {

namespace {

using std::string_view;

// Around the ends of what fits into 32 and 64 bits, and of what a double can say.
constexpr std::array<string_view, 24> kEdges{"0",
                                             "1",
                                             "2147483647",
                                             "2147483648",
                                             "4294967295",
                                             "4294967296",
                                             "9223372036854775807",
                                             "9223372036854775808",
                                             "308",
                                             "309",
                                             "18446744073709551615",
                                             "18446744073709551616",
                                             "324",
                                             "325",
                                             "2147483639",
                                             "2147483640",
                                             "2147483638",
                                             "9007199254740993",
                                             "214748364",
                                             "922337203685477580",
                                             "1764000000",
                                             "100000000000",
                                             "99999999999",
                                             "179769313486231570"};

constexpr std::array<string_view, 12> kUtf8{
    "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x91", "\xef\xbb\xbf", "\xed\x9f\xbf", "\xee\x80\x80",
    "\xf4\x8f\xbf\xbf",
    // and what is none: a surrogate, overlong forms, beyond the end, a lone continuation
    "\xed\xa0\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xf4\x90\x80\x80", "\x80"};

constexpr std::array<string_view, 20> kEscapes{"\\\"",
                                               "\\\\",
                                               "\\/",
                                               "\\b",
                                               "\\f",
                                               "\\n",
                                               "\\r",
                                               "\\t",
                                               "\\u0000",
                                               "\\u00e9",
                                               "\\ud83d\\udd11",
                                               "\\ud800",
                                               "\\udc00",
                                               "\\ud800\\ud800",
                                               "\\udbff\\udfff",
                                               "\\uFFFF",
                                               "\\u12",
                                               "\\x41",
                                               "\\",
                                               "\\uD83D\\u0041"};

constexpr std::array<string_view, 8> kBlanks{" ", "\t", "\n", "\r", "  ", "\v", "\xc2\xa0", "/**/"};

constexpr std::array<string_view, 32> kSigns{
    "{", "}", "[", "]", ":", ",", "\"", "\\", "&", "=", "%",    "+",  ";", ".",  "-", "_",
    "/", "?", "#", "@", "$", "'", "<",  ">",  "(", "|", "\r\n", "\n", " ", "\t", "*", "~"};

std::string Blanks(Random& random) {
  return random.OneIn(6) ? std::string(random.Pick(kBlanks)) : std::string();
}

std::string Repeat(string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  while (times-- > 0) all += text;
  return all;
}

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string Word(Random& random) {
  switch (random.Below(9)) {
    case 0:
      return JsonNumber(random);
    case 1:
      return JsonString(random);
    case 2:
      return std::string(random.Pick(kSigns));
    case 3:
      return std::string(random.Pick(kEscapes));
    case 4:
      return std::string(random.Pick(kUtf8));
    case 5:
      return Percent(random, Text(random, 8));
    case 6:
      return Repeat(random.Pick(kSigns), random.Length(600));
    case 7:
      return Digits(random, 40);
    default:
      return Text(random, 40);
  }
}

std::string Join(const std::vector<std::string>& parts, string_view separator) {
  std::string all;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) all += separator;
    all += parts[i];
  }
  return all;
}

string_view NameOf(Random& random, const std::vector<string_view>& names, std::string* own) {
  if (!names.empty() && !random.OneIn(8)) return random.Pick(names);
  return *own = Text(random, 12);
}

}  // namespace

std::string ReplaceToken(string_view text, Random& random) {
  std::size_t begin = random.Below(text.size() + 1);
  std::size_t end = begin;
  if (begin < text.size() && IsWord(text[begin])) {
    while (begin > 0 && IsWord(text[begin - 1])) --begin;
    while (end < text.size() && IsWord(text[end])) ++end;
  } else if (begin < text.size() && random.OneIn(2)) {
    ++end;
  }
  std::string changed(text.substr(0, begin));
  if (!random.OneIn(6)) changed += Word(random);
  return changed.append(text.substr(end));
}

// ---- JSON ----

std::string Digits(Random& random, std::size_t limit) {
  if (random.OneIn(3)) return std::string(random.Pick(kEdges));
  if (random.OneIn(4)) return std::string(1 + random.Length(limit), random.OneIn(2) ? '0' : '9');
  std::string digits;
  for (std::size_t left = 1 + random.Length(limit); left > 0; --left) {
    digits.push_back(static_cast<char>('0' + random.Below(10)));
  }
  return digits;
}

std::string JsonNumber(Random& random) {
  constexpr std::array<string_view, 8> kWrong{"NaN", "-Infinity", "+1",   "01",
                                              ".5",  "1.",        "0x1f", "1e"};
  if (random.OneIn(24)) return std::string(random.Pick(kWrong));
  std::string number = random.OneIn(3) ? "-" : "";
  number += random.OneIn(3) ? "0" : Digits(random, 30);
  if (random.OneIn(2))
    number +=
        "." + (random.OneIn(3) ? std::string(random.Length(60), '0') : "") + Digits(random, 30);
  if (random.OneIn(2)) {
    constexpr std::array<string_view, 6> kExponents{"e", "E", "e+", "e-", "E+", "E-"};
    number += std::string(random.Pick(kExponents)) + Digits(random, 22);
  }
  return number;
}

std::string JsonString(Random& random) {
  std::string text = "\"";
  for (std::size_t left = random.Length(24); left > 0; --left) {
    switch (random.Below(6)) {
      case 0:
        text += random.Pick(kEscapes);
        break;
      case 1:
        text += random.Pick(kUtf8);
        break;
      case 2:
        if (random.OneIn(8)) text.push_back(random.Byte());
        break;
      default:
        text.push_back(static_cast<char>('a' + random.Below(26)));
    }
  }
  return random.OneIn(40) ? text : text + "\"";
}

std::string JsonValue(Random& random, int depth) {
  constexpr std::array<string_view, 6> kWords{"true", "false", "null", "nul", "True", "truefalse"};
  switch (random.Below(depth > 0 ? 6 : 4)) {
    case 0:
    case 1:
      return JsonNumber(random);
    case 2:
      return std::string(random.OneIn(8) ? random.Pick(kWords) : kWords[random.Below(3)]);
    case 3:
      return JsonString(random);
    case 4: {
      std::vector<std::string> items(random.Below(4));
      for (auto& item : items) item = Blanks(random) + JsonValue(random, depth - 1);
      return "[" + Join(items, ",") + Blanks(random) + "]";
    }
    default:
      return JsonObject(random, {"a", "b", "keys", "aud"});
  }
}

std::string JsonDepth(Random& random) {
  constexpr std::array<string_view, 4> kOpen{"[", "{\"a\":", "[[],", "[{\"a\":"};
  constexpr std::array<string_view, 4> kClose{"]", "}", "]", "}]"};
  const std::size_t kind = random.Below(kOpen.size());
  const std::size_t depth = random.OneIn(3) ? random.Below(60) : random.Below(6000);
  const std::size_t closed = random.OneIn(4) ? random.Below(depth + 2) : depth;
  return Repeat(kOpen[kind], depth) + JsonNumber(random) + Repeat(kClose[kind], closed);
}

std::string JsonObject(Random& random, const std::vector<string_view>& names) {
  std::vector<std::string> members(random.OneIn(40) ? random.Below(80) : random.Below(6));
  for (auto& member : members) {
    std::string own;
    const string_view name = NameOf(random, names, &own);
    const std::string key = random.OneIn(8) ? JsonString(random) : "\"" + std::string(name) + "\"";
    const std::string value = random.OneIn(60) ? JsonDepth(random) : JsonValue(random, 2);
    member = Blanks(random) + key + Blanks(random) + ":" + Blanks(random) + value;
  }
  std::string object = Blanks(random) + "{" + Join(members, ",") + Blanks(random) + "}";
  if (random.OneIn(12)) object += random.OneIn(2) ? Blanks(random) : JsonValue(random, 0);
  return object;
}

// ---- other languages ----

std::string Text(Random& random, std::size_t limit) {
  std::string text;
  for (std::size_t left = random.Length(limit); left > 0; --left) {
    if (random.OneIn(16)) {
      text += random.Pick(kUtf8);
    } else if (random.OneIn(40)) {
      text.push_back(random.Byte());
    } else {
      text.push_back(static_cast<char>(' ' + random.Below(95)));
    }
  }
  return text;
}

std::string Percent(Random& random, string_view text) {
  constexpr std::array<string_view, 10> kWrong{"%",   "%%",  "%4",        "%zz",    "%00",
                                               "%0a", "%c3", "%ed%a0%80", "%u0041", "%+1"};
  std::string encoded;
  for (const char c : text) {
    if (c == ' ' && random.OneIn(2)) {
      encoded.push_back('+');
    } else if (IsWord(c) && static_cast<unsigned char>(c) < 0x80 && !random.OneIn(16)) {
      encoded.push_back(c);
    } else {
      const std::string hex = base::HexEncode(base::AsBytes({&c, 1}));
      encoded += "%" + hex;
    }
    if (random.OneIn(80)) encoded += random.Pick(kWrong);
  }
  return encoded;
}

std::string Form(Random& random, const std::vector<string_view>& names) {
  std::vector<std::string> pairs(random.OneIn(40) ? random.Below(80) : random.Below(7));
  for (auto& pair : pairs) {
    std::string own;
    const std::string name = Percent(random, NameOf(random, names, &own));
    pair = random.OneIn(12)
               ? name
               : name + "=" + Percent(random, random.OneIn(8) ? Jwt(random) : Text(random, 60));
  }
  return Join(pairs, random.OneIn(20) ? "&&" : "&");
}

std::string Base64Url(Random& random, string_view bytes) {
  std::string text = base::Base64UrlEncode(base::AsBytes(bytes));
  if (random.OneIn(30)) text += random.OneIn(2) ? "=" : "==";
  if (random.OneIn(30)) text = ReplaceToken(text, random);
  return text;
}

std::string Jwt(Random& random) {
  constexpr std::array<string_view, 8> kHeaders{R"({"alg":"ES256","kid":"k"})",
                                                R"({"alg":"RS256"})",
                                                R"({"alg":"none"})",
                                                "{}",
                                                R"({"alg":"ES256","crit":["exp"]})",
                                                R"({"alg":1})",
                                                R"({"typ":"JWT","alg":"HS256"})",
                                                R"({"alg":"ES256","jwk":{"kty":"EC"}})"};
  const std::string header = random.OneIn(3) ? JsonObject(random, {"alg", "kid", "typ", "crit"})
                                             : std::string(random.Pick(kHeaders));
  std::string claims =
      R"({"iss":"acme-sync","sub":"acme-sync","aud":"https://id.example","jti":")" +
      Text(random, 4) + R"(","exp":)" + JsonNumber(random) + R"(,"iat":)" + JsonNumber(random) +
      "}";
  if (random.OneIn(2)) {
    claims = JsonObject(random, {"iss", "sub", "aud", "jti", "exp", "nbf", "iat", "exp"});
  }
  std::string jwt = Base64Url(random, header) + "." + Base64Url(random, claims) + ".";
  if (!random.OneIn(8))
    jwt += Base64Url(random, std::string(random.OneIn(2) ? 64 : random.Length(300), 'x'));
  if (random.OneIn(30)) jwt += ".";
  return jwt;
}

std::string Jwks(Random& random) {
  const std::vector<string_view> members{"kty", "alg", "kid", "crv", "x",
                                         "y",   "n",   "e",   "use", "d"};
  constexpr std::array<string_view, 3> kKeys{
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","alg":"ES256","use":"sig"})",
      R"({"kty":"RSA","n":"AQAB","e":"AQAB","kid":"1"})", R"({"kty":"oct","k":"AA"})"};
  std::vector<std::string> keys(random.OneIn(12) ? random.Below(30) : random.Below(4));
  for (auto& key : keys)
    key = random.OneIn(2) ? JsonObject(random, members) : std::string(random.Pick(kKeys));
  if (random.OneIn(12)) return "{\"keys\":" + JsonValue(random, 3) + "}";
  return "{\"keys\":[" + Join(keys, ",") + "]}";
}

std::string Address(Random& random) {
  constexpr std::array<string_view, 14> kKnown{"127.0.0.1",
                                               "::1",
                                               "::",
                                               "::ffff:192.0.2.1",
                                               "unix:",
                                               "2001:db8::1",
                                               "fe80::1%eth0",
                                               "0.0.0.0",
                                               "255.255.255.255",
                                               "1.2.3",
                                               "01.2.3.4",
                                               "1.2.3.4.5",
                                               "::ffff:0:1.2.3.4",
                                               "2001:DB8:0:0:0:0:0:1"};
  if (random.OneIn(3)) return std::string(random.Pick(kKnown));
  std::vector<std::string> parts(random.OneIn(2) ? 4 : 8);
  const bool is_v4 = parts.size() == 4;
  for (auto& part : parts) {
    part = is_v4 ? std::to_string(random.Below(260))
                 : base::HexEncode(base::AsBytes(std::string(2, random.Byte())));
  }
  std::string address = Join(parts, is_v4 ? "." : ":");
  return random.OneIn(6) ? ReplaceToken(address, random) : address;
}

std::string Host(Random& random) {
  constexpr std::array<string_view, 12> kKnown{"id.example",
                                               "ID.Example:443",
                                               "login.acme.example",
                                               "[::1]",
                                               "[::1]:8080",
                                               "localhost",
                                               "127.0.0.1",
                                               "id.example.",
                                               "xn--bcher-kva.example",
                                               "",
                                               ":80",
                                               "[fe80::1%25eth0]"};
  if (random.OneIn(2)) return std::string(random.Pick(kKnown));
  return random.OneIn(2) ? ReplaceToken(random.Pick(kKnown), random) : Text(random, 300);
}

std::string Path(Random& random) {
  constexpr std::array<string_view, 24> kKnown{"/",
                                               "/oauth/token",
                                               "/oauth/device_authorization",
                                               "/auth/token",
                                               "/auth/device/code",
                                               "/auth/device/verify",
                                               "/api/user",
                                               "/api/subscription",
                                               "/api/auth/refresh",
                                               "/api/auth/logout",
                                               "/.well-known/jwks.json",
                                               "/.well-known/openid-configuration",
                                               "/.well-known/oauth-authorization-server",
                                               "/activate",
                                               "/activate/confirm",
                                               "/activate/result",
                                               "/sign-in",
                                               "/sign-in/password",
                                               "/sign-out",
                                               "/forgot-password",
                                               "/set-password",
                                               "/set-password/save",
                                               "/healthz",
                                               "/metrics"};
  constexpr std::array<string_view, 8> kIssuers{
      "/o/acme", "/o/other", "/o/", "/o//", "/o/platform", "/o/%00", "/O/acme", "/o/acme/o/acme"};
  std::string path(random.Pick(kKnown));
  if (random.OneIn(3)) path = std::string(random.Pick(kIssuers)) + path;
  if (random.OneIn(8)) path += random.Pick(kIssuers);
  return random.OneIn(8) ? ReplaceToken(path, random) : path;
}

std::string Url(Random& random) {
  constexpr std::array<string_view, 8> kSchemes{
      "https://", "http://", "//", "", "com.example.app:", "javascript:", "https:/", "HTTPS://"};
  std::string url(random.Pick(kSchemes));
  if (random.OneIn(6)) url += Text(random, 10) + "@";
  url += Host(random) + Path(random);
  if (random.OneIn(3)) url += "?" + Form(random, {"a", "code"});
  if (random.OneIn(6)) url += "#" + Text(random, 10);
  return url;
}

std::string CookieHeader(Random& random, const std::vector<string_view>& names) {
  std::vector<std::string> pairs(random.OneIn(20) ? random.Below(90) : random.Below(5));
  for (auto& pair : pairs) {
    std::string own;
    const std::string name(NameOf(random, names, &own));
    std::string value = random.OneIn(3) ? Base64Url(random, Text(random, 48)) : Text(random, 30);
    if (random.OneIn(5)) value = "\"" + value + "\"";
    pair = random.OneIn(12) ? name : name + (random.OneIn(12) ? " = " : "=") + value;
  }
  return Join(pairs, random.OneIn(4) ? ";" : "; ");
}

std::string Authorization(Random& random) {
  constexpr std::array<string_view, 9> kSchemes{
      "Bearer ", "Basic ", "bearer  ", "BASIC ", "Digest ", "Basic", "", "Bearer\t", "Basic  "};
  std::string header(random.Pick(kSchemes));
  if (random.OneIn(3)) return header + Jwt(random);
  const std::string pair = Percent(random, random.OneIn(3) ? "acme-daemon" : Text(random, 20)) +
                           (random.OneIn(12) ? "" : ":") +
                           Percent(random, random.OneIn(3) ? "s3cret" : Text(random, 20));
  std::string encoded = base::Base64UrlEncode(base::AsBytes(pair));
  std::ranges::replace(encoded, '-', '+');
  std::ranges::replace(encoded, '_', '/');
  while (encoded.size() % 4 != 0 && !random.OneIn(12)) encoded.push_back('=');
  return header + (random.OneIn(12) ? Text(random, 60) : encoded);
}

std::string Rfc3339(Random& random) {
  constexpr std::array<string_view, 10> kKnown{
      "2026-11-30T01:02:03Z", "2026-11-30T01:02:03.456Z",  "1970-01-01T00:00:00Z",
      "9999-12-31T23:59:60Z", "2024-02-29T00:00:00+14:00", "2023-02-29T00:00:00Z",
      "2026-11-30t01:02:03z", "0000-01-01T00:00:00Z",      "2026-13-01T00:00:00Z",
      "2026-11-30 01:02:03Z"};
  const string_view known = random.Pick(kKnown);
  return random.OneIn(2) ? std::string(known) : ReplaceToken(known, random);
}

std::string Uuid(Random& random) {
  std::string bytes(16, '\0');
  for (char& c : bytes) c = random.Byte();
  std::string text = base::HexEncode(base::AsBytes(bytes));
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return random.OneIn(8) ? ReplaceToken(text, random) : text;
}

std::string ForeignHash(Random& random) {
  constexpr std::array<string_view, 16> kForms{
      "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
      "bcrypt_sha256$$2b$05$abcdefghijklmnopqrstuuGcuILa2E37uJs3NexF6McyNsliG6nJW",
      "bcrypt$$2a$14$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
      "$pbkdf2-sha256$i=29000,l=32$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp."
      "ic",
      "$pbkdf2$131000$EBESExQVFhcYGRobHB0eHw$U5lBMTtzSoLFV7dLCAhUJ0mBE2o",
      "pbkdf2_sha1$1000$Qx3n1nWm5XkU$GdsWWHctoxbhJp93V2kFQoftSxw=",
      "pbkdf2_sha512$1000$salt$GdsWWHctoxbhJp93V2kFQoftSxw=",
      "pbkdf2:sha512:1000$salt$0bd383dea5564b7045ef721d54a8fa79b720b66a63c2a5bec837d9b1a3f917a0",
      "$scrypt$ln=14,r=8,p=1$EBESExQVFhcYGRobHB0eHw$H25zc1jOjX8CcU6mloBEuYcbYX/P9dRAT0qJDNk4ZCI",
      "scrypt$16384$Qx3n1nWm5XkU$8$5$9c6f9jFt9jF5E3HKJiIG7K4ZGAPjw6givFfUYta0HOA=",
      "scrypt:16384:8:1$salt$9d27215e79f93da6b7dbeeb675e60f89bbf4bee0ae72b5cdf6297f31034a2a8b",
      "argon2$argon2i$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
      "YJGAvKj5qMsNSKiRbHeobQaeGOmGgkv8kvHffzL9ZpY",
      "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
      "YJGAvKj5qMsNSKiRbHeobQaeGOmGgkv8kvHffzL9ZpY",
      "$argon2d$v=16$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
      "YJGAvKj5qMsNSKiRbHeobQaeGOmGgkv8kvHffzL9ZpY",
      "$6$rounds=5000$salt$hash",
      "{SSHA}c2FsdA=="};
  std::string hash(random.Pick(kForms));
  // A cost, a salt or a hash of another size: runs of digits and of letters are what a hash is made of.
  for (std::size_t changes = random.Below(3); changes > 0; --changes) {
    const std::size_t at = hash.find_first_of("0123456789", random.Below(hash.size() + 1));
    if (at == std::string::npos || random.OneIn(4)) {
      hash = ReplaceToken(hash, random);
      continue;
    }
    std::size_t end = at;
    while (end < hash.size() && std::isdigit(static_cast<unsigned char>(hash[end])) != 0) ++end;
    hash.replace(at, end - at, Digits(random, 24));
  }
  return hash;
}

}  // namespace fuzz
