// Where results go: standard output, as a table for people or as JSON for scripts (--json).
// Lives on main's thread.
#pragma once

#include <string_view>
#include <vector>

#include "ctl/command.h"
#include "ctl/print/json.h"
#include "ctl/print/table.h"

namespace ctl {

class Output {
 public:
  explicit Output(OutputFormat format) : format_(format) {}

  bool json() const { return format_ == OutputFormat::kJson; }
  // A table of the columns; as JSON an array of the whole objects. `nothing` stands for an empty
  // table.
  void List(const JsonArray& objects, const std::vector<Column>& columns,
            std::string_view nothing) const;
  // "name: value" lines; as JSON the object.
  void One(const JsonObject& object) const;
  // What was done: a sentence for people, the object in JSON.
  void Done(std::string_view sentence, const JsonObject& object) const;
  // A sentence for people; nothing in JSON.
  void Note(std::string_view sentence) const;

 private:
  OutputFormat format_;
};

// Asks on the terminal and reads y or n. Without a terminal on standard input and error it asks
// nobody: kInvalid says to add --yes. kDenied: the answer was not yes.
base::Status Confirm(std::string_view question);

}  // namespace ctl
