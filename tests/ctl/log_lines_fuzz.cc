// Lines of logs as `latchkey explain` reads them: strangers fill their fields, and what our own log writes of those is
// read as it was.
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rfc3339.h"
#include "ctl/explain/log_line.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"

namespace fuzz {

namespace {

bool IsPlain(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) return false;
  }
  return true;
}

std::string LineOf(std::string_view value) {
  static const int fd = ::memfd_create("line", MFD_CLOEXEC);
  Require(::ftruncate(fd, 0) == 0 && ::lseek(fd, 0, SEEK_SET) == 0, "a file is empty");
  base::Log("api-2", base::Severity::kInfo, fd)
      .Warn("request_refused", {{"path", value}, {"request_id", "feedface"}});
  std::string line(value.size() * 4 + 200, '\0');
  const ssize_t got = ::pread(fd, line.data(), line.size(), 0);
  Require(got > 0 && line[static_cast<std::size_t>(got) - 1] == '\n', "a line is whole");
  line.resize(static_cast<std::size_t>(got) - 1);
  return line;
}

void CheckOurOwn(std::string_view value) {
  const std::string text = LineOf(value);
  Require(text.find('\n') == std::string::npos, "no value begins a line of its own");
  const auto line = ctl::ParseEventLine(text);
  Require(line.has_value(), "a line of our own is read");
  Require(line->event == "request_refused" && line->process == "api-2", "it names its event");
  Require(line->Get("request_id") == "feedface", "no value reaches into the next field");
  if (IsPlain(value)) Require(line->Get("path") == value, "a value is read as it was written");
}

}  // namespace

std::string Grow(Random& random) {
  constexpr std::array<std::string_view, 5> kSeverities{"INFO", "WARN", "ERROR", "FATAL", "info"};
  switch (random.Below(3)) {
    case 0:
      return Rfc3339(random) + " " + Address(random) + " POST \"" + Path(random) + "\" " +
             JsonNumber(random) + " host=" + Host(random) +
             " s=0.001, 0.002 upstream_s=" + JsonNumber(random) + " : 1 error=" + Text(random, 20);
    case 1:
      return Text(random, 20) + "2026-11-30T01:02:03.456Z " +
             std::string(random.Pick(kSeverities)) + " api-1 child_died how=" + JsonString(random) +
             " request_id=" + Text(random, 40);
    default:
      return Text(random, 200);
  }
}

void FuzzOne(std::string_view bytes) {
  if (const auto line = ctl::ParseAccessLine(bytes)) {
    Require(line->status >= 100, "a status has three digits");
  }
  if (const auto line = ctl::ParseEventLine(bytes)) Require(!line->event.empty(), "there is one");
  if (bytes.size() < 4000) CheckOurOwn(bytes);
}

}  // namespace fuzz
