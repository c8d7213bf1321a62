// The list of a record's members, in the order of the wire: T::kFields. Constants, for a std::tuple of
// them is resolved anew for each struct: that was two thirds of the time that records/writes.h takes.
#pragma once

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace records {

template <auto... kMembers>
struct Fields {};

// The member's name in the source. A row's columns have the same names, so that one list says both.
template <auto kMember>
consteval std::string_view MemberName() {
  // "… [with auto kMember = &records::UserRow::email; …]", and without "with auto" and the rest by clang
  constexpr std::string_view kBefore = "kMember = ";
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find(kBefore) + kBefore.size());
  text = text.substr(0, text.find_first_of(";])"));
  return text.substr(text.rfind(':') + 1);
}

// Calls call(&T::member) for each member of the list, in its order.
template <auto... kMembers, class Call>
constexpr void ForEachField(Fields<kMembers...> /*fields*/, Call call) {
  (call(kMembers), ...);
}

// The same where the call needs the member as a constant: call.operator()<&T::member>().
template <auto... kMembers, class Call>
constexpr void ForEachMember(Fields<kMembers...> /*fields*/, Call call) {
  (call.template operator()<kMembers>(), ...);
}

// ---- that no member is declared and not listed ----

template <class T>
concept Listed = requires {
  T::kFields;
};

template <class Struct, class Member>
Member TypeOf(Member Struct::* /*member*/);  // never defined

// The listed members, as they come, make a T, and there is none behind them. One that is left out
// shifts the others: they do not fit, or something fits behind the last. (Its size would not tell: a
// bool may hide in padding.)
template <class T, auto... kMembers>
consteval bool ListsEachMember(Fields<kMembers...> /*fields*/) {
  constexpr bool is_made_of_them = requires { T{std::declval<decltype(TypeOf(kMembers))>()...}; };
  constexpr bool has_more = requires { T{std::declval<decltype(TypeOf(kMembers))>()..., {}}; };
  return is_made_of_them && !has_more;
}

template <class T>
struct WithoutOptional {
  using Type = T;
};
template <class T>
struct WithoutOptional<std::optional<T>> {
  using Type = T;
};

// Of T and of all structs in it that have a list themselves.
template <class T>
consteval bool AllListed();
template <auto... kMembers>
consteval bool AllListedIn(Fields<kMembers...> /*fields*/) {
  return (AllListed<typename WithoutOptional<decltype(TypeOf(kMembers))>::Type>() && ...);
}
template <class T>
consteval bool AllListed() {
  if constexpr (Listed<T>) {
    static_assert(ListsEachMember<T>(T::kFields), "kFields lacks a member of T");
    return AllListedIn(T::kFields);
  }
  return true;
}

}  // namespace records
