// What operators type and files hold: times, hosts, e-mail addresses, URLs, names; and what is shown of them.
#include "base/rfc3339.h"
#include "ctl/print/text.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"

namespace fuzz {

namespace {

void CheckTime(std::string_view text) {
  const auto time = ctl::ParseRfc3339(text);
  if (!time.ok()) return;
  const auto again = ctl::ParseRfc3339(base::Rfc3339(*time));
  Require(again.ok() && (*time - *again) < base::seconds(1) && (*again - *time) < base::seconds(1),
          "a time is read as it was written");
}

// What is normal stays as it is.
void CheckNames(std::string_view text) {
  if (const auto host = ctl::NormalizeHost(text); host.ok()) {
    Require(ctl::NormalizeHost(*host).ok() && *ctl::NormalizeHost(*host) == *host, "a host");
  }
  if (const auto email = ctl::NormalizeEmail(text); email.ok()) {
    Require(ctl::NormalizeEmail(*email).ok() && *ctl::NormalizeEmail(*email) == *email,
            "an address");
  }
  if (const auto url = ctl::NormalizePublicUrl(text); url.ok()) {
    Require(ctl::NormalizePublicUrl(*url).ok() && *ctl::NormalizePublicUrl(*url) == *url, "a URL");
  }
  if (ctl::CheckUri("URI", text).ok()) {
    Require(text.find_first_of("\r\n# ") == std::string_view::npos, "a URI is one line");
  }
  if (ctl::CheckName("name", text).ok())
    Require(ctl::Printable(text) == text, "a name is printable");
}

}  // namespace

std::string Grow(Random& random) {
  switch (random.Below(5)) {
    case 0:
      return Rfc3339(random);
    case 1:
      return Url(random);
    case 2:
      return Host(random);
    case 3:
      return "Ann" + Text(random, 10) + "@" + Host(random);
    default:
      return Text(random, 300);
  }
}

void FuzzOne(std::string_view bytes) {
  CheckTime(bytes);
  CheckNames(bytes);
  const std::string shown = ctl::Printable(bytes);
  Require(ctl::Printable(shown) == shown, "what is printable stays as it is");
  Require(ctl::DisplayWidth(shown) <= 2 * shown.size(), "and has a width");
  const std::string joined = ctl::JoinLines(ctl::SplitLines(bytes));
  Require(ctl::JoinLines(ctl::SplitLines(joined)) == joined, "lines are the same lines");
}

}  // namespace fuzz
