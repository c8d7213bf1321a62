// The detail of an audit row as it is built, "a=1 b": what changed. Values only where they are no
// secret and no person's. Not thread-safe; cut at kMaxAuditDetailBytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "records/audit/audit.h"

namespace records {

class AuditDetail {
 public:
  AuditDetail& Add(std::string_view name, std::string_view value) {
    Add(name);
    text_.append("=").append(value);
    return *this;
  }
  AuditDetail& Add(std::string_view name) {
    if (!text_.empty()) text_.push_back(' ');
    text_.append(name);
    return *this;
  }
  template <class T>
  AuditDetail& AddName(std::string_view name, const std::optional<T>& changed) {
    return changed ? Add(name) : *this;
  }
  AuditDetail& AddFlag(std::string_view name, const std::optional<bool>& changed) {
    return changed ? Add(name, *changed ? "true" : "false") : *this;
  }
  AuditDetail& AddNumber(std::string_view name, const std::optional<std::int64_t>& changed) {
    return changed ? Add(name, std::to_string(*changed)) : *this;
  }
  template <class Enum>
  AuditDetail& AddWord(std::string_view name, const std::optional<Enum>& changed) {
    return changed ? Add(name, ToText(*changed)) : *this;
  }
  operator std::string() {  // NOLINT: it is one, and ends here
    if (text_.size() > kMaxAuditDetailBytes) text_.resize(kMaxAuditDetailBytes);
    return std::move(text_);
  }

 private:
  std::string text_;
};

}  // namespace records
