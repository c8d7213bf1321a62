#include "base/rfc3339.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

namespace {

using std::chrono::days;
using std::chrono::December, std::chrono::January, std::chrono::sys_days, std::chrono::year;
using std::chrono::hours;
using std::chrono::minutes;

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

std::optional<Time> TakeDate(Cursor* cursor) {
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
  return Time(std::chrono::sys_days(date));
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

// What has four digits of a year (RFC 3339 §1); nothing else was ever stored.
constexpr Time kFirstMoment = sys_days(year(0) / January / 1);
constexpr Time kLastMoment = sys_days(year(9999) / December / 31) + seconds(86399);

}  // namespace

std::optional<Time> ParseRfc3339(std::string_view text) {
  Cursor cursor(text);
  const auto date = TakeDate(&cursor);
  if (!date || !cursor.Take("Tt ")) return std::nullopt;
  const auto time_of_day = TakeTimeOfDay(&cursor);
  if (!time_of_day) return std::nullopt;
  const auto offset = TakeOffset(&cursor);
  if (!offset || !cursor.at_end()) return std::nullopt;
  return *date + *time_of_day - *offset;
}

std::string Rfc3339(Time time) {
  time = std::clamp(time, kFirstMoment, kLastMoment);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time - day));
  std::string text = "0000-00-00T00:00:00Z";
  const auto put = [&text](std::size_t at, std::int64_t number) {
    text[at] = static_cast<char>('0' + number / 10);
    text[at + 1] = static_cast<char>('0' + number % 10);
  };
  put(0, static_cast<int>(date.year()) / 100);
  put(2, static_cast<int>(date.year()) % 100);
  put(5, static_cast<unsigned>(date.month()));
  put(8, static_cast<unsigned>(date.day()));
  put(11, clock.hours().count());
  put(14, clock.minutes().count());
  put(17, clock.seconds().count());
  return text;
}

}  // namespace base
