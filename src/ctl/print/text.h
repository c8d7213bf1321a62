// Text from the command line checked, and values as text for people. Pure functions, thread-safe.
// Every check returns kInvalid with one sentence that says what is allowed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/utf8.h"

namespace ctl {

inline constexpr std::size_t kMaxSlugBytes = 63;
inline constexpr std::size_t kMaxEmailBytes = 254;
inline constexpr std::size_t kMaxNameCharacters = 200;
inline constexpr std::size_t kMaxClientIdBytes = 128;
inline constexpr std::size_t kMaxUriBytes = 2000;
inline constexpr std::size_t kMaxListBytes = 16 * 1024;

// [a-z0-9-], 1 to 63, a letter or digit at both ends (a slug may become a host name).
base::Status CheckSlug(std::string_view slug);
// Printable ASCII without blanks, 1 to 128 (RFC 6749 appendix A.1, bounded).
base::Status CheckClientId(std::string_view client_id);
// `what` names the option in the message. 1 to 200 characters of UTF-8, no control characters.
base::Status CheckName(std::string_view what, std::string_view name);
// An absolute URI without fragment or blanks, at most 2,000 bytes (RFC 6749 §3.1.2, RFC 8707 §2).
// `what` names it in the message ("redirect URI").
base::Status CheckUri(std::string_view what, std::string_view uri);
// Words of oauth/scope.h with one blank between, each once; the default is within what is allowed.
base::Status CheckClientScopes(std::string_view default_scope, std::string_view allowed_scope);
// Each of the list, and the list as a row stores it: at most 16 KB.
base::Status CheckUris(std::string_view what, const std::vector<std::string>& uris);
base::Status CheckFeatures(const std::vector<std::string>& features);
// A name of the domain name system with a dot in it, returned in lower case; no port, no address.
base::Result<std::string> NormalizeHost(std::string_view host);
// Three letters of ISO 4217, returned in lower case.
base::Result<std::string> NormalizeCurrency(std::string_view currency);
// The form of accounts/email_address.h.
base::Result<std::string> NormalizeEmail(std::string_view email);
// http:// or https://, a host, no query or fragment; returned without a trailing slash.
base::Result<std::string> NormalizePublicUrl(std::string_view url);

// RFC 3339 §5.6, UTC or with an offset, fractions down to milliseconds: 2026-12-31T23:59:59Z.
base::Result<base::Time> ParseRfc3339(std::string_view text);

// "3 d 4 h", "15 min", "0 s": two units at most, the second where it is not 0.
std::string DurationText(base::seconds duration);
// "812 B", "1.4 MB".
std::string BytesText(std::uint64_t bytes);

// One a line, as rows store lists; empty lines are left out.
std::vector<std::string> SplitLines(std::string_view text);
std::string JoinLines(const std::vector<std::string>& lines);

// A stored name or a server's answer can send no escape sequence.
using base::Printable;
// Columns that a terminal gives to printable UTF-8: combining marks 0, East Asian wide 2.
std::size_t DisplayWidth(std::string_view text);

}  // namespace ctl
