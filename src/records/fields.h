// The list of a record's members, in the order of the wire: T::kFields. Constants, for a std::tuple of
// them is resolved anew for each struct: that was two thirds of the time that records/writes.h takes.
#pragma once

namespace records {

template <auto... kMembers>
struct Fields {};

// Calls call(&T::member) for each member of the list, in its order.
template <auto... kMembers, class Call>
constexpr void ForEachField(Fields<kMembers...> /*fields*/, Call call) {
  (call(kMembers), ...);
}

}  // namespace records
