#include "client/tally.h"

#include <algorithm>
#include <cstdio>

namespace load {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Failure::kCount)> kNames{
    "connect", "closed", "timeout", "malformed", "status", "type", "field"};

std::string Number(std::string_view name, double value) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return "\"" + std::string(name) + "\": " + text.data();
}

std::string Number(std::string_view name, std::uint64_t value) {
  return "\"" + std::string(name) + "\": " + std::to_string(value);
}

double Millis(std::uint64_t micros) { return static_cast<double>(micros) / 1000.0; }

std::string Failures(const KindTally& tally) {
  std::string out = "{";
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (tally.failures[i] == 0) continue;
    if (out.size() > 1) out += ", ";
    out += Number(kNames[i], tally.failures[i]);
  }
  for (const auto& [status, count] : tally.wrong_statuses) {
    out += ", " + Number(std::to_string(status), count);
  }
  return out + "}";
}

std::string Object(const KindTally& tally, double seconds) {
  const Histogram& latency = tally.latency;
  const double rate = seconds > 0 ? static_cast<double>(latency.count()) / seconds : 0;
  return "{" + Number("requests_per_s", rate) + ", " + Number("measured", latency.count()) + ", " +
         Number("answered", tally.answered) + ", " + Number("failed", tally.failed()) + ", " +
         Number("p50_ms", Millis(latency.Quantile(0.5))) + ", " +
         Number("p90_ms", Millis(latency.Quantile(0.9))) + ", " +
         Number("p99_ms", Millis(latency.Quantile(0.99))) + ", " +
         Number("p999_ms", Millis(latency.Quantile(0.999))) + ", " +
         Number("max_ms", Millis(latency.longest())) + ", \"failures\": " + Failures(tally) + "}";
}

}  // namespace

std::string_view FailureName(Failure failure) { return kNames[static_cast<std::size_t>(failure)]; }

std::uint64_t KindTally::failed() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : failures) sum += count;
  return sum;
}

void KindTally::Merge(const KindTally& other) {
  latency.Merge(other.latency);
  answered += other.answered;
  for (std::size_t i = 0; i < failures.size(); ++i) failures[i] += other.failures[i];
  for (const auto& [status, count] : other.wrong_statuses) wrong_statuses[status] += count;
}

void Tally::Merge(const Tally& other) {
  for (std::size_t i = 0; i < by_kind.size(); ++i) by_kind[i].Merge(other.by_kind[i]);
  reconnects += other.reconnects;
  sent_again += other.sent_again;
  over_one_second += other.over_one_second;
  longest_micros = std::max(longest_micros, other.longest_micros);
  measured_seconds = std::max(measured_seconds, other.measured_seconds);
  used_up = used_up || other.used_up;
}

std::string Tally::ToJson(const Scenario& scenario) const {
  KindTally total;
  for (const KindTally& tally : by_kind) total.Merge(tally);
  std::string out = "{" + Number("seconds", measured_seconds) + ", " +
                    Number("reconnects", reconnects) + ", " + Number("sent_again", sent_again) +
                    ", " + Number("over_one_second", over_one_second) + ", " +
                    Number("longest_ms", Millis(longest_micros)) +
                    ", \"used_up\": " + (used_up ? "true" : "false") +
                    ",\n \"total\": " + Object(total, measured_seconds) + ",\n \"kinds\": {";
  for (std::size_t i = 0; i < by_kind.size(); ++i) {
    out += (i == 0 ? "\n  \"" : ",\n  \"") + scenario.kinds[i].name +
           "\": " + Object(by_kind[i], measured_seconds);
  }
  return out + "}}\n";
}

}  // namespace load
