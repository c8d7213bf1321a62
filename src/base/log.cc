#include "base/log.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>

#include "base/text.h"

namespace base {

namespace {

constexpr std::array<std::string_view, 4> kSeverityWords{"INFO", "WARN", "ERROR", "FATAL"};

// Counted for the whole process: every Log writes to the same standard error.
std::atomic<std::uint64_t>& DroppedLines() {
  static std::atomic<std::uint64_t> count{0};
  return count;
}

void AppendTimestamp(std::string* out) {
  timespec ts{};
  clock_gettime(CLOCK_REALTIME, &ts);
  tm parts{};
  gmtime_r(&ts.tv_sec, &parts);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  out->append(text.data(), size);
  std::snprintf(text.data(), text.size(), ".%03dZ", static_cast<int>(ts.tv_nsec / 1'000'000));
  out->append(text.data());
}

bool NeedsQuotes(std::string_view value) {
  for (const char c : value) {
    if (c == ' ' || c == '"' || c == '\\' || IsControl(c)) return true;
  }
  return value.empty();
}

void AppendValue(std::string_view value, std::string* out) {
  if (!NeedsQuotes(value)) {
    out->append(value);
    return;
  }
  out->push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (IsControl(c)) {
      std::array<char, 8> text{};
      std::snprintf(text.data(), text.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out->append(text.data());
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

// A pipe or terminal that is full must not hold a request up, and O_NONBLOCK would change the
// descriptor for every process that shares it: so ask first.
bool CanTakeLine(int fd) {
  pollfd state{.fd = fd, .events = POLLOUT, .revents = 0};
  return poll(&state, 1, 0) == 1 && (state.revents & POLLOUT) != 0;
}

}  // namespace

Log::Log(std::string process, Severity least, int fd)
    : process_(std::move(process)), least_(least), fd_(fd) {}

void Log::Write(Severity severity, std::string_view event,
                std::initializer_list<Field> fields) const {
  if (severity < least_) return;
  std::string line;
  line.reserve(160);
  AppendTimestamp(&line);
  line.append(" ").append(kSeverityWords[static_cast<std::size_t>(severity)]);
  line.append(" ").append(process_).append(" ").append(event);
  for (const Field& field : fields) {
    line.append(" ").append(field.key).append("=");
    AppendValue(field.value, &line);
  }
  line.push_back('\n');
  if (!CanTakeLine(fd_) || ::write(fd_, line.data(), line.size()) < 0) ++DroppedLines();
}

void Log::Info(std::string_view event, std::initializer_list<Field> fields) const {
  Write(Severity::kInfo, event, fields);
}
void Log::Warn(std::string_view event, std::initializer_list<Field> fields) const {
  Write(Severity::kWarn, event, fields);
}
void Log::Error(std::string_view event, std::initializer_list<Field> fields) const {
  Write(Severity::kError, event, fields);
}

std::uint64_t Log::dropped_lines() const { return DroppedLines(); }

}  // namespace base
