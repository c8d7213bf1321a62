// What strangers send, grown from choices: mostly right, each rule now and then wrong in the way that parsers get wrong.
// Pure functions of the Random.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/random.h"

namespace fuzz {

// `text` with one word or sign of it replaced by another one, or by nothing.
std::string ReplaceToken(std::string_view text, Random& random);

// ---- JSON (RFC 8259) ----

// All lengths of integer, fraction and exponent; digits that lie around the bounds of 32 and 64 bits.
std::string JsonNumber(Random& random);
// In quotes: escapes, surrogates in pairs and alone, bytes that are no UTF-8.
std::string JsonString(Random& random);
std::string JsonValue(Random& random, int depth = 3);
// Members of these names, others among them.
std::string JsonObject(Random& random, const std::vector<std::string_view>& names);
// Containers in containers, some hundred to some thousand of them.
std::string JsonDepth(Random& random);

// ---- other languages ----

std::string Form(Random& random, const std::vector<std::string_view>& names);
std::string Percent(Random& random, std::string_view text);
// Text of printable ASCII, UTF-8 of all lengths, now and then bytes that are neither.
std::string Text(Random& random, std::size_t limit);
std::string Digits(Random& random, std::size_t limit);
std::string Base64Url(Random& random, std::string_view bytes);
// A JWT: header, claims and signature, each right or a bit off.
std::string Jwt(Random& random);
std::string Jwks(Random& random);
std::string Address(Random& random);
std::string Host(Random& random);
std::string Path(Random& random);
std::string Url(Random& random);
std::string CookieHeader(Random& random, const std::vector<std::string_view>& names);
std::string Authorization(Random& random);
std::string Rfc3339(Random& random);
std::string Uuid(Random& random);
std::string ForeignHash(Random& random);

}  // namespace fuzz
