#include "ctl/print/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <iterator>

#include "accounts/email_address.h"
#include "base/rfc3339.h"
#include "base/text.h"
#include "base/url.h"
#include "base/utf8.h"
#include "oauth/scope.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

Status Invalid(std::string message) { return {Code::kInvalid, std::move(message)}; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || IsDigit(c); }
bool IsGraphicAscii(char c) { return c > ' ' && c < 0x7f; }
bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

// Characters of valid UTF-8 without control characters; npos where it is not.
std::size_t CountCharacters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const base::Utf8Character c = base::DecodeUtf8(text);
    if (c.bytes == 0 || IsControl(c.value)) return std::string_view::npos;
    text.remove_prefix(c.bytes);
    ++count;
  }
  return count;
}

bool HasScheme(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == uri.size()) return false;
  if (std::isalpha(static_cast<unsigned char>(uri[0])) == 0) return false;
  return std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.';
  });
}

// Ranges that terminals draw two columns wide (Unicode TR 11, the blocks in use).
struct Range {
  char32_t first, last;
};
constexpr std::array kWide{Range{0x1100, 0x115f},  Range{0x2e80, 0xa4cf},   Range{0xac00, 0xd7a3},
                           Range{0xf900, 0xfaff},  Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},
                           Range{0xffe0, 0xffe6},  Range{0x1f300, 0x1f64f}, Range{0x1f900, 0x1f9ff},
                           Range{0x20000, 0x3fffd}};
constexpr std::array kZeroWidth{Range{0x300, 0x36f}, Range{0x200b, 0x200f}, Range{0xfe00, 0xfe0f}};

template <std::size_t kSize>
bool IsIn(const std::array<Range, kSize>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

std::size_t WidthOf(char32_t c) {
  if (IsIn(kZeroWidth, c)) return 0;
  return IsIn(kWide, c) ? 2 : 1;
}

Status CheckListSize(std::string_view what, const std::vector<std::string>& items) {
  if (JoinLines(items).size() <= kMaxListBytes) return {};
  return Invalid(fmt::format("{} may have {} bytes in all", what, kMaxListBytes));
}

}  // namespace

Status CheckSlug(std::string_view slug) {
  const bool good =
      !slug.empty() && slug.size() <= kMaxSlugBytes && slug.front() != '-' && slug.back() != '-' &&
      std::all_of(slug.begin(), slug.end(), [](char c) { return IsLowerOrDigit(c) || c == '-'; });
  if (good) return {};
  return Invalid(fmt::format(
      "\"{}\" is no slug: use 1 to {} of a-z, 0-9 and -, with a letter or digit at both ends",
      Printable(slug), kMaxSlugBytes));
}

Result<std::string> NormalizeHost(std::string_view host) {
  std::string name = base::AsciiLower(host);
  if (base::IsDomainName(name)) return name;
  return Invalid(
      fmt::format("\"{}\" is no domain: use a name such as login.example.com, without "
                  "https:// and without a port",
                  Printable(host)));
}

Status CheckClientId(std::string_view client_id) {
  if (!client_id.empty() && client_id.size() <= kMaxClientIdBytes &&
      std::all_of(client_id.begin(), client_id.end(), IsGraphicAscii)) {
    return {};
  }
  return Invalid(fmt::format("client_id must be 1 to {} printable ASCII characters without blanks",
                             kMaxClientIdBytes));
}

Status CheckName(std::string_view what, std::string_view name) {
  const std::size_t characters = CountCharacters(name);
  if (characters >= 1 && characters <= kMaxNameCharacters) return {};
  return Invalid(fmt::format("{} must be 1 to {} characters of UTF-8 without control characters",
                             what, kMaxNameCharacters));
}

Status CheckUri(std::string_view what, std::string_view uri) {
  if (uri.size() <= kMaxUriBytes && std::all_of(uri.begin(), uri.end(), IsGraphicAscii) &&
      uri.find('#') == std::string_view::npos && HasScheme(uri)) {
    return {};
  }
  return Invalid(
      fmt::format("\"{}\" is no {}: it must be absolute, in ASCII, without # and at most {} bytes",
                  Printable(uri), what, kMaxUriBytes));
}

Status CheckClientScopes(std::string_view default_scope, std::string_view allowed_scope) {
  for (const std::string_view scope : {default_scope, allowed_scope}) {
    const auto known = oauth::GrantScope(scope, {});
    if (known.ok() && *known == scope) continue;
    return Invalid(
        fmt::format("\"{}\" is no list of scopes: known are {}, each once, with a blank between",
                    Printable(scope), oauth::KnownScopes()));
  }
  if (allowed_scope.empty() || oauth::NarrowScope(default_scope, allowed_scope).ok()) return {};
  return Invalid(fmt::format("the default scope \"{}\" is more than the client may ask for: \"{}\"",
                             default_scope, allowed_scope));
}

Status CheckUris(std::string_view what, const std::vector<std::string>& uris) {
  for (const std::string& uri : uris) {
    if (Status status = CheckUri(what, uri); !status.ok()) return status;
  }
  return CheckListSize(std::string(what) + "s", uris);
}

Status CheckFeatures(const std::vector<std::string>& features) {
  for (const std::string& feature : features) {
    if (Status status = CheckName("a feature", feature); !status.ok()) return status;
  }
  return CheckListSize("features", features);
}

Result<std::string> NormalizeCurrency(std::string_view currency) {
  const std::string lower = base::AsciiLower(currency);
  if (lower.size() == 3 &&
      std::all_of(lower.begin(), lower.end(), [](char c) { return c >= 'a' && c <= 'z'; })) {
    return lower;
  }
  return Invalid("currency must be three letters of ISO 4217, such as usd");
}

Result<std::string> NormalizeEmail(std::string_view email) {
  auto address = accounts::NormalizeEmailAddress(email);
  if (address.ok()) return address;
  return Invalid(fmt::format("\"{}\" is no e-mail address: {}",
                             Printable(email.substr(0, accounts::kMaxEmailBytes)),
                             address.error().message()));
}

Result<std::string> NormalizePublicUrl(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme != 0 && url.size() > scheme && url.size() <= kMaxUriBytes &&
      std::all_of(url.begin(), url.end(), IsGraphicAscii) &&
      url.find_first_of("?#\"\\<>@") == std::string_view::npos &&
      base::SplitUrl(url).rest.empty()) {
    return base::AsciiLower(url);
  }
  return Invalid(
      fmt::format("\"{}\" is no public URL: use https://HOST (http:// on a test machine), without "
                  "path, query or fragment",
                  Printable(url)));
}

std::string DurationText(base::seconds duration) {
  struct Unit {
    std::int64_t length;
    std::string_view name;
  };
  constexpr std::array kUnits{Unit{86400, "d"}, Unit{3600, "h"}, Unit{60, "min"}, Unit{1, "s"}};
  const std::int64_t total = std::max<std::int64_t>(duration.count(), 0);
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
    if (total < kUnits[i].length) continue;
    const std::int64_t rest = total % kUnits[i].length / kUnits[i + 1].length;
    const std::string first = fmt::format("{} {}", total / kUnits[i].length, kUnits[i].name);
    return rest == 0 ? first : fmt::format("{} {} {}", first, rest, kUnits[i + 1].name);
  }
  return fmt::format("{} s", total);
}

std::string BytesText(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KB", "MB", "GB", "TB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string JoinLines(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const base::Utf8Character c = base::DecodeUtf8(text);
    width += c.bytes == 0 ? 1 : WidthOf(c.value);
    text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
  return width;
}

base::Result<base::Time> ParseRfc3339(std::string_view text) {
  if (const auto time = base::ParseRfc3339(text)) return *time;
  return base::Status(
      base::Code::kInvalid,
      fmt::format("\"{}\" is no time: write it as 2026-12-31T23:59:59Z", Printable(text)));
}

}  // namespace ctl
