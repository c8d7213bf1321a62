// SQL of an entity, made by the compiler of its list (records/rows.h): the members are the columns. What reads or
// binds a row as a whole is in statement.h. Constants, thread-safe.
//
//   Query(statements, kInsert<records::PlanRow>, record.row, record.record_id)
//   query.Read<records::PlanRow>()          behind kSelect<records::PlanRow>
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "records/fields.h"
#include "records/rows.h"

namespace store {

// The table of a row, how statements call it, and whether it says which record made it.
template <class Row>
struct Entity;
template <>
struct Entity<records::OrganizationRow> {
  static constexpr std::string_view kTable = "organizations", kAlias = "o";
  static constexpr bool kHasRecord = true;
};
template <>
struct Entity<records::DomainRow> {
  static constexpr std::string_view kTable = "domains", kAlias = "n";
  static constexpr bool kHasRecord = true;
};
template <>
struct Entity<records::ServiceRow> {
  static constexpr std::string_view kTable = "services", kAlias = "s";
  static constexpr bool kHasRecord = true;
};
// Made with its service.
template <>
struct Entity<records::ClientRow> {
  static constexpr std::string_view kTable = "clients", kAlias = "c";
  static constexpr bool kHasRecord = false;
};
template <>
struct Entity<records::PlanRow> {
  static constexpr std::string_view kTable = "plans", kAlias = "p";
  static constexpr bool kHasRecord = true;
};
template <>
struct Entity<records::SigningKeyRow> {
  static constexpr std::string_view kTable = "signing_keys", kAlias = "k";
  static constexpr bool kHasRecord = true;
};
template <>
struct Entity<records::UserRow> {
  static constexpr std::string_view kTable = "users", kAlias = "u";
  static constexpr bool kHasRecord = true;
};
template <>
struct Entity<records::SubscriptionRow> {
  static constexpr std::string_view kTable = "subscriptions", kAlias = "b";
  static constexpr bool kHasRecord = true;
};

// Made by records of their own (grant_writes.h), one a row and more.
template <>
struct Entity<records::GrantRow> {
  static constexpr std::string_view kTable = "grants", kAlias = "e";
};

namespace entity {

template <auto... kMembers, class Call>
constexpr void ForEachName(records::Fields<kMembers...> /*fields*/, Call call) {
  (call(records::MemberName<kMembers>()), ...);
}

// "o.id, o.slug, …"
template <class Row>
struct Columns {
  static constexpr void Write(auto append) {
    std::string_view comma;
    ForEachName(Row::kFields, [&](std::string_view name) {
      append(comma), append(Entity<Row>::kAlias), append("."), append(name);
      comma = ", ";
    });
  }
};

template <class Row>
struct Insert {
  static constexpr void Write(auto append) {
    append("INSERT INTO "), append(Entity<Row>::kTable), append(" (");
    std::string_view comma;
    ForEachName(Row::kFields, [&](std::string_view name) {
      append(comma), append(name);
      comma = ", ";
    });
    if (Entity<Row>::kHasRecord) append(", created_by_record");
    append(") VALUES (");
    comma = "?";
    ForEachName(Row::kFields, [&](std::string_view) {
      append(comma);
      comma = ", ?";
    });
    append(Entity<Row>::kHasRecord ? ", ?)" : ")");
  }
};

template <class Row>
struct Select {
  static constexpr void Write(auto append) {
    append("SELECT "), Columns<Row>::Write(append);
    append(" FROM "), append(Entity<Row>::kTable), append(" "), append(Entity<Row>::kAlias);
  }
};

template <class Text>
struct Made {
  static constexpr std::size_t kSize = [] {
    std::size_t size = 0;
    Text::Write([&](std::string_view part) { size += part.size(); });
    return size;
  }();
  static constexpr auto kChars = [] {
    std::array<char, kSize + 1> chars{};
    std::size_t end = 0;
    Text::Write([&](std::string_view part) {
      for (const char c : part) chars[end++] = c;
    });
    return chars;
  }();
};

}  // namespace entity

// Its columns, under its alias.
template <class Row>
inline constexpr std::string_view kColumns{entity::Made<entity::Columns<Row>>::kChars.data(),
                                           entity::Made<entity::Columns<Row>>::kSize};
// Its columns from its table; users append their WHERE with kJoined.
template <class Row>
inline constexpr std::string_view kSelectOf{entity::Made<entity::Select<Row>>::kChars.data(),
                                            entity::Made<entity::Select<Row>>::kSize};
// Takes the row, and behind it the record that made it where Entity<Row>::kHasRecord.
template <class Row>
inline constexpr std::string_view kInsert{entity::Made<entity::Insert<Row>>::kChars.data(),
                                          entity::Made<entity::Insert<Row>>::kSize};

}  // namespace store
