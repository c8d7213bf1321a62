#include "ctl/print/output.h"

#include <unistd.h>

#include <iostream>
#include <string>

namespace ctl {

void Output::List(const JsonArray& objects, const std::vector<Column>& columns,
                  std::string_view nothing) const {
  std::cout << (json() ? ToText(Json(objects)) : TableText(objects, columns, nothing));
}

void Output::One(const JsonObject& object) const {
  std::cout << (json() ? ToText(Json(object)) : FieldsText(object));
}

void Output::Done(std::string_view sentence, const JsonObject& object) const {
  if (json()) {
    One(object);
  } else {
    Note(sentence);
  }
}

void Output::Note(std::string_view sentence) const {
  if (!json()) std::cout << sentence << "\n";
}

base::Status Confirm(std::string_view question) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) {
    return {base::Code::kInvalid, "this deletes for good: add --yes where nobody can be asked"};
  }
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return {base::Code::kDenied, "nothing was deleted"};
}

}  // namespace ctl
