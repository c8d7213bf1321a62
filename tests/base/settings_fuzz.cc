// latchkey.toml: whatever stands in it, every setting is within its range, or the file is refused with a reason.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "base/settings.h"
#include "base/url.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"

namespace fuzz {

namespace {

const std::vector<base::SettingHelp>& Rows() {
  static const std::vector<base::SettingHelp> rows = base::DescribeSettings();
  return rows;
}

std::string Value(Random& random) {
  switch (random.Below(6)) {
    case 0:
      return JsonNumber(random);
    case 1:
      return "\"" + Url(random) + "\"";
    case 2:
      return JsonString(random);
    case 3:
      return "'" + Address(random) + "'";
    case 4:
      return JsonValue(random, 2);
    default:
      return std::to_string(random.Below(100'000));
  }
}

}  // namespace

std::string Grow(Random& random) {
  std::string text;
  for (std::size_t left = random.Below(6); left > 0; --left) {
    const base::SettingHelp& row = random.Pick(Rows());
    if (random.OneIn(20)) text += "[" + Text(random, 8) + "]\n";
    // A section that is there already is an error in TOML: keys with a dot are not.
    text += row.section + "." + row.name + " = ";
    text += (random.OneIn(2) && !row.default_value.empty() && row.range.empty()
                 ? "\"" + row.default_value + "\""
                 : Value(random)) +
            "\n";
  }
  return random.OneIn(4) ? ReplaceToken(text, random) : text;
}

void FuzzOne(std::string_view bytes) {
  static const int fd = ::memfd_create("latchkey.toml", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(fd);
  Require(::ftruncate(fd, 0) == 0, "a file is empty");
  Require(::pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
          "is written");
  const auto settings = base::LoadSettings(path, "");
  if (!settings.ok()) {
    Require(!settings.error().message().empty(), "a refusal has a reason");
    return;
  }
  const base::UrlParts url = base::SplitUrl(settings->public_url);
  Require(!url.host.empty() && url.rest.empty(), "the public address is one");
  Require(settings->api_children > 0 && settings->port > 0 && settings->port < 65536,
          "numbers are in range");
  Require(settings->record_deadline_ms < settings->request_budget_ms, "deadlines nest");
}

}  // namespace fuzz
