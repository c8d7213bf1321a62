// What commands print: the same JSON objects as a table, as a list of fields, or as they are.
// Pure functions, thread-safe. Everything printed for people passes Printable().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ctl/print/json.h"

namespace ctl {

struct Column {
  std::string_view key;  // member of each object
  std::string_view heading;
};

// A heading line and a line for each object (an array of objects), columns aligned, numbers to the
// right. An empty array prints `nothing` alone.
std::string TableText(const JsonArray& objects, const std::vector<Column>& columns,
                      std::string_view nothing);
// "name:  value", a line for each member, values aligned; underscores of a key become blanks.
std::string FieldsText(const JsonObject& object);
// A value in one cell: null as "-", a list with commas, true as "yes".
std::string CellText(const Json& json);

}  // namespace ctl
