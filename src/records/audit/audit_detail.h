// The detail of an audit row as it is built, "a=1 b": what changed. Values only where they are no
// secret and no person's. Not thread-safe; cut at kMaxAuditDetailBytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "records/audit/audit.h"
#include "records/fields.h"

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
  // The members of an update that are there: by name, and with their value where it is no secret and no person's.
  template <class Update>
  AuditDetail& AddChanges(const Update& update) {
    ForEachMember(
        Update::kFields, [&]<auto kMember>() {
          AddChange(MemberName<kMember>(), update.*kMember);
        });
    return *this;
  }
  operator std::string() {  // NOLINT: it is one, and ends here
    if (text_.size() > kMaxAuditDetailBytes) text_.resize(kMaxAuditDetailBytes);
    return std::move(text_);
  }

 private:
  // Not optional: it says which row is changed, by what and when.
  template <class T>
  void AddChange(std::string_view /*name*/, const T& /*value*/) {}
  template <class T>
  void AddChange(std::string_view name, const std::optional<T>& changed) {
    if (!changed) return;
    if constexpr (std::is_same_v<T, bool>) {
      Add(name, *changed ? "true" : "false");
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      Add(name, std::to_string(*changed));
    } else if constexpr (std::is_enum_v<T>) {
      Add(name, ToText(*changed));
    } else if constexpr (IsRowId<T>::value) {
      Add(name, base::ToText(*changed));
    } else {
      Add(name);
    }
  }
  template <class T>
  struct IsRowId : std::false_type {};
  template <class Tag>
  struct IsRowId<base::Id<Tag>> : std::true_type {};

  std::string text_;
};

}  // namespace records
