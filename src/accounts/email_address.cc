#include "accounts/email_address.h"

#include <algorithm>
#include <optional>

#include "accounts/unicode.h"
#include "base/text.h"

namespace accounts {

namespace {

using base::Code;
using base::Result;
using base::Status;
using std::string_view;

constexpr std::size_t kMaxTypedBytes = 1024;  // before anything is looked at
constexpr std::size_t kMaxLocalBytes = 64;
constexpr std::size_t kMaxDomainBytes = 253;
constexpr std::size_t kMaxLabelBytes = 63;
constexpr string_view kMarks = ".!#$%&'*+/=?^_`{|}~-";

Status Invalid(std::string why) { return {Code::kInvalid, std::move(why)}; }

Status BracketsAroundIt() { return Invalid("leave out the angle brackets and the name"); }

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

string_view Trimmed(string_view text) {
  constexpr string_view kBlanks = " \t\r\n\f";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// What people write beside an address, each with its own word; else whether `c` may stand in one.
Status CheckLocalCharacter(char c) {
  if (!IsAscii(c) || IsAlphanumeric(c) || kMarks.find(c) != string_view::npos) return {};
  if (c == ':') return Invalid("leave out what stands before the address, as in mailto:");
  if (c == ',' || c == ';') return Invalid("it is more than one, or has a comma in it");
  if (c == ' ') return Invalid("it has a blank in it");
  if (c == '"') return Invalid("quotes are not taken");
  if (base::IsControl(c)) return Invalid("it has a control character in it");
  return Invalid(std::string("it has a ") + c + " in it");
}

Result<std::string> NormalizeLocal(string_view local) {
  if (local.empty()) return Invalid("nothing stands before the @");
  if (local.find('<') != string_view::npos) return BracketsAroundIt();
  for (const char c : local) {
    if (Status status = CheckLocalCharacter(c); !status.ok()) return status;
  }
  auto folded = FoldCase(local);
  if (!folded) return Invalid("it is not in UTF-8");
  if (!IsWordText(*folded)) {
    return Invalid("it has a character in it that is no letter, digit or mark, or cannot be seen");
  }
  if (Nfkc(*folded) != folded || FoldCase(*folded) != folded) {
    return Invalid("it has a letter in it that only looks like another one: write the plain one");
  }
  if (folded->size() > kMaxLocalBytes) return Invalid("more than 64 bytes stand before the @");
  return std::move(*folded);
}

bool IsLabel(string_view label) {
  return !label.empty() && label.size() <= kMaxLabelBytes && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return IsAlphanumeric(c) || c == '-';
         });
}

Status CheckLabels(string_view domain) {
  if (domain.ends_with('.')) return Invalid("the domain ends with a dot");
  if (domain.size() > kMaxDomainBytes) return Invalid("the domain has more than 253 bytes");
  for (std::size_t begin = 0; begin <= domain.size();) {
    const std::size_t end = std::min(domain.find('.', begin), domain.size());
    if (!IsLabel(domain.substr(begin, end - begin))) {
      return Invalid("what stands behind the @ is no domain name");
    }
    begin = end + 1;
  }
  return {};
}

// Most are in ASCII without an A-label: they need no tables.
bool IsPlain(string_view lower) {
  return std::all_of(lower.begin(), lower.end(), IsAscii) &&
         lower.find("xn--") == string_view::npos;
}

Result<std::string> NormalizeDomain(string_view domain) {
  if (domain.empty()) return Invalid("nothing stands behind the @");
  if (domain.ends_with('>')) return BracketsAroundIt();
  std::string lower = base::AsciiLower(domain);
  std::optional<std::string> labels = IsPlain(lower) ? std::move(lower) : ToALabels(lower);
  if (!labels) return Invalid("what stands behind the @ is no domain name");
  if (Status status = CheckLabels(*labels); !status.ok()) return status;
  return std::move(*labels);
}

}  // namespace

Result<std::string> NormalizeEmailAddress(string_view typed) {
  const string_view text = Trimmed(typed);
  if (text.size() > kMaxTypedBytes) return Invalid("it has more than 254 bytes");
  const std::size_t at = text.find('@');
  if (at == string_view::npos || text.find('@', at + 1) != string_view::npos) {
    return Invalid("it needs one @");
  }
  auto local = NormalizeLocal(text.substr(0, at));
  if (!local.ok()) return local.error();
  const auto domain = NormalizeDomain(text.substr(at + 1));
  if (!domain.ok()) return domain.error();
  std::string address = *local + "@" + *domain;
  if (address.size() > kMaxEmailBytes) return Invalid("it has more than 254 bytes");
  return address;
}

}  // namespace accounts
