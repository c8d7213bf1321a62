#include "metrics/exposition.h"

#include <cstdio>

namespace metrics {

namespace {

void AppendEscaped(std::string_view value, std::string* out) {
  for (const char c : value) {
    if (c == '\n') {
      out->append("\\n");
      continue;
    }
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
}

// "0.00025", "12": no zeros at the end.
std::string SecondsText(std::uint64_t micros) {
  std::string text(32, '\0');
  const int size = std::snprintf(text.data(), text.size(), "%llu.%06llu",
                                 static_cast<unsigned long long>(micros / 1'000'000),
                                 static_cast<unsigned long long>(micros % 1'000'000));
  text.resize(static_cast<std::size_t>(size));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

void Exposition::Family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Exposition::Begin(std::string_view suffix, Labels labels, std::string_view le) {
  text_.append(name_).append(suffix);
  if (labels.size() == 0 && le.empty()) return;
  char separator = '{';
  const auto add = [&](const Label& label) {
    text_.push_back(separator);
    separator = ',';
    text_.append(label.first).append("=\"");
    AppendEscaped(label.second, &text_);
    text_.push_back('"');
  };
  for (const Label& label : labels) add(label);
  if (!le.empty()) add({"le", le});
  text_.push_back('}');
}

void Exposition::End(std::string_view value) { text_.append(" ").append(value).append("\n"); }

void Exposition::Sample(Labels labels, std::uint64_t value) {
  Begin({}, labels);
  End(std::to_string(value));
}

void Exposition::Seconds(Labels labels, std::uint64_t micros) {
  Begin({}, labels);
  End(SecondsText(micros));
}

void Exposition::Histogram(Labels labels, const Buckets& buckets, std::uint64_t micros) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    below += buckets[i];
    const bool is_last = i == kBucketMicros.size();
    Begin("_bucket", labels, is_last ? std::string("+Inf") : SecondsText(kBucketMicros[i]));
    End(std::to_string(below));
  }
  Begin("_sum", labels);
  End(SecondsText(micros));
  Begin("_count", labels);
  End(std::to_string(below));
}

}  // namespace metrics
