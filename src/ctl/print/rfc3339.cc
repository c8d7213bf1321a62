// RFC 3339 §5.6:  date "T" time [ "." 1*DIGIT ] ( "Z" / ("+" / "-") hour ":" minute )
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Result;
using base::Status;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads fields of a fixed number of digits and the marks between them, from the left.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool Take(std::string_view marks) {
    if (rest_.empty() || marks.find(rest_.front()) == std::string_view::npos) return false;
    last_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<int> Digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool at_end() const { return rest_.empty(); }
  char last() const { return last_; }

 private:
  std::string_view rest_;
  char last_ = 0;
};

std::optional<base::Time> TakeDate(Cursor* cursor) {
  const auto year = cursor->Digits(4);
  if (!year || !cursor->Take("-")) return std::nullopt;
  const auto month = cursor->Digits(2);
  if (!month || !cursor->Take("-")) return std::nullopt;
  const auto day = cursor->Digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return base::Time(std::chrono::sys_days(date));
}

std::optional<milliseconds> TakeFraction(Cursor* cursor) {
  std::int64_t thousandths = 0;
  std::int64_t weight = 100;
  bool any = false;
  while (const auto digit = cursor->Digits(1)) {
    thousandths += *digit * weight;
    weight /= 10;
    any = true;
  }
  return any ? std::optional(milliseconds(thousandths)) : std::nullopt;
}

std::optional<milliseconds> TakeTimeOfDay(Cursor* cursor) {
  const auto hour = cursor->Digits(2);
  if (!hour || *hour > 23 || !cursor->Take(":")) return std::nullopt;
  const auto minute = cursor->Digits(2);
  if (!minute || *minute > 59 || !cursor->Take(":")) return std::nullopt;
  const auto second = cursor->Digits(2);
  if (!second || *second > 59) return std::nullopt;
  const milliseconds whole = hours(*hour) + minutes(*minute) + seconds(*second);
  if (!cursor->Take(".")) return whole;
  const auto fraction = TakeFraction(cursor);
  if (!fraction) return std::nullopt;
  return whole + *fraction;
}

std::optional<minutes> TakeOffset(Cursor* cursor) {
  if (cursor->Take("Zz")) return minutes(0);
  if (!cursor->Take("+-")) return std::nullopt;
  const int sign = cursor->last() == '-' ? -1 : 1;
  const auto hour = cursor->Digits(2);
  if (!hour || *hour > 23 || !cursor->Take(":")) return std::nullopt;
  const auto minute = cursor->Digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  return sign * (hours(*hour) + minutes(*minute));
}

std::optional<base::Time> Parse(std::string_view text) {
  Cursor cursor(text);
  const auto date = TakeDate(&cursor);
  if (!date || !cursor.Take("Tt ")) return std::nullopt;
  const auto time_of_day = TakeTimeOfDay(&cursor);
  if (!time_of_day) return std::nullopt;
  const auto offset = TakeOffset(&cursor);
  if (!offset || !cursor.at_end()) return std::nullopt;
  return *date + *time_of_day - *offset;
}

}  // namespace

Result<base::Time> ParseRfc3339(std::string_view text) {
  if (const auto time = Parse(text)) return *time;
  return Status(
      base::Code::kInvalid,
      fmt::format("\"{}\" is no time: write it as 2026-12-31T23:59:59Z", Printable(text)));
}

std::string Rfc3339(base::Time time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace ctl
