// Prometheus' text format 0.0.4: families of samples, each with its HELP and TYPE line. Not
// thread-safe. Source: prometheus.io "Exposition formats".
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "metrics/histogram.h"

namespace metrics {

class Exposition {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  using Label = std::pair<std::string_view, std::string_view>;  // the value is escaped
  using Labels = std::initializer_list<Label>;

  // Begins a family; its samples follow. `type`: counter, gauge or histogram.
  void Family(std::string_view name, std::string_view type, std::string_view help);
  void Sample(Labels labels, std::uint64_t value);
  void Sample(std::uint64_t value) { Sample({}, value); }
  // Microseconds as seconds.
  void Seconds(Labels labels, std::uint64_t micros);
  void Seconds(std::uint64_t micros) { Seconds({}, micros); }
  // _bucket, _sum and _count.
  void Histogram(Labels labels, const Buckets& buckets, std::uint64_t micros);

  const std::string& text() const { return text_; }

 private:
  void Begin(std::string_view suffix, Labels labels, std::string_view le = {});
  void End(std::string_view value);

  std::string text_;
  std::string name_;
};

}  // namespace metrics
