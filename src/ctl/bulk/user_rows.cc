#include "ctl/bulk/user_rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "ctl/print/json.h"
#include "ctl/print/text.h"
#include "records/audit/audit.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;
using std::string_view;

using Input = Result<std::optional<UserInput>>;

constexpr std::size_t kMaxFields = 32;
constexpr std::array<string_view, 6> kColumns{"email", "password_hash", "email_verified", "status",
                                              "id",    "created_at"};
// What an export says of a user beside these.
constexpr std::array<string_view, 4> kIgnored{"type", "has_password", "unlocked_at", "updated_at"};
// What an export has beside users.
constexpr std::array<string_view, 7> kOtherTypes{"export", "organization", "domain", "service",
                                                 "plan",   "subscription", "end"};
constexpr string_view kSeparators = ",;\t";
constexpr string_view kSeparatorLine = "sep=";

Status Invalid(std::string reason) { return {Code::kInvalid, std::move(reason)}; }

template <std::size_t kSize>
bool Has(const std::array<string_view, kSize>& names, string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<bool> BoolOf(string_view text) {
  for (const string_view yes : {"true", "yes", "1"}) {
    if (text == yes) return true;
  }
  for (const string_view no : {"false", "no", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::optional<records::UserStatus> StatusOf(string_view text) {
  for (const auto status : {records::UserStatus::kActive, records::UserStatus::kDisabled}) {
    if (text == records::ToText(status)) return status;
  }
  return std::nullopt;
}

Status SetHash(string_view value, crypto::WeakHashes weak, UserInput* user) {
  auto hash = crypto::CheckImportedHash(value, weak);
  if (!hash.ok()) return hash.error();
  user->password_hash = std::move(hash->stored);
  user->scheme = hash->scheme;
  return {};
}

// The text of a member, for JSON says true without quotes. nullopt: null, or nothing that has a text.
Result<std::string> TextOf(const JsonMember& member) {
  if (const auto* text = std::get_if<std::string>(&member.value.value())) return *text;
  if (const auto* flag = std::get_if<bool>(&member.value.value())) {
    return std::string(*flag ? "true" : "false");
  }
  if (std::holds_alternative<std::nullptr_t>(member.value.value())) return std::string();
  return Invalid(Printable(member.key.substr(0, 40)) + " is neither a text nor true or false");
}

string_view Trimmed(string_view text) {
  constexpr string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// One field of CSV, and what stands behind it.
Result<std::string> TakeQuoted(string_view* rest, char separator) {
  std::string field;
  rest->remove_prefix(1);
  for (;;) {
    const std::size_t quote = rest->find('"');
    if (quote == string_view::npos) return Invalid("a quote is not closed on this line");
    field.append(rest->substr(0, quote));
    rest->remove_prefix(quote + 1);
    if (!rest->starts_with('"')) break;
    field.push_back('"');
    rest->remove_prefix(1);
  }
  rest->remove_prefix(std::min(rest->find_first_not_of(' '), rest->size()));
  if (!rest->empty() && rest->front() != separator) return Invalid("text behind a closed quote");
  return std::string(Trimmed(field));
}

std::string TakePlain(string_view* rest, char separator) {
  const std::size_t end = std::min(rest->find(separator), rest->size());
  std::string field(Trimmed(rest->substr(0, end)));
  rest->remove_prefix(end);
  return field;
}

// "E-Mail" and "Password Hash" are columns as well.
std::string ColumnName(string_view text) {
  std::string name = base::AsciiLower(text);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
  return name == "e_mail" || name == "email_address" ? "email" : name;
}

Result<std::vector<std::string>> ColumnNames(string_view line, char separator) {
  auto names = SplitCsv(line, separator);
  if (!names.ok()) return names;
  for (std::string& name : *names) name = ColumnName(name);
  return names;
}

// The separator that makes a column email of the line; else the comma.
char SeparatorOf(string_view header) {
  for (const char separator : kSeparators) {
    const auto names = ColumnNames(header, separator);
    if (names.ok() && std::find(names->begin(), names->end(), "email") != names->end()) {
      return separator;
    }
  }
  return kSeparators.front();
}

}  // namespace

Result<std::vector<std::string>> SplitCsv(string_view rest, char separator) {
  std::vector<std::string> fields;
  for (;;) {
    if (fields.size() == kMaxFields) return Invalid("more than 32 fields");
    const std::size_t first = rest.find_first_not_of(' ');
    if (first != string_view::npos && rest[first] == '"') {
      rest.remove_prefix(first);
      auto field = TakeQuoted(&rest, separator);
      if (!field.ok()) return field.error();
      fields.push_back(std::move(*field));
    } else {
      fields.push_back(TakePlain(&rest, separator));
    }
    if (rest.empty()) return fields;
    rest.remove_prefix(1);
  }
}

Status UnknownColumn(string_view name) {
  if (name == "password") {
    return Invalid("passwords are taken as hashes alone, in password_hash");
  }
  return Invalid("unknown column " + Printable(name.substr(0, 40)) +
                 ": email, password_hash, email_verified, status, id and created_at are known");
}

std::string FirstUnknownMember(string_view line) {
  const auto json = ParseJson(line);
  const auto* object = json.ok() ? std::get_if<JsonObject>(&json->value()) : nullptr;
  if (object == nullptr || json->Find("type") != nullptr) return {};
  for (const JsonMember& member : *object) {
    if (!Has(kColumns, member.key) && !Has(kIgnored, member.key)) return member.key;
  }
  return {};
}

Status UserRows::ReadHeader(string_view line) {
  if (line.starts_with(kSeparatorLine) && line.size() == kSeparatorLine.size() + 1 &&
      kSeparators.find(line.back()) != string_view::npos) {
    return {};
  }
  separator_ = SeparatorOf(line);
  auto names = ColumnNames(line, separator_);
  if (!names.ok()) return names.error();
  for (const std::string& name : *names) {
    if (!Has(kColumns, name)) return UnknownColumn(name);
    if (std::count(names->begin(), names->end(), name) > 1) {
      return Invalid("the column " + name + " is there twice");
    }
  }
  if (std::find(names->begin(), names->end(), "email") == names->end()) {
    return Invalid("the first line names the columns, and email is one of them");
  }
  columns_ = std::move(*names);
  return {};
}

Input UserRows::Read(string_view line) const {
  if (line.find_first_not_of(" \t") == string_view::npos) return Input(std::nullopt);
  auto user = format_ == RowFormat::kCsv ? ReadCsv(line) : ReadJson(line);
  if (user.ok() && user->has_value() && (*user)->email.empty()) return Invalid("no email");
  return user;
}

Input UserRows::ReadCsv(string_view line) const {
  const auto fields = SplitCsv(line, separator_);
  if (!fields.ok()) return fields.error();
  if (fields->size() != columns_.size()) {
    return Invalid(std::to_string(fields->size()) + " fields, and the first line names " +
                   std::to_string(columns_.size()));
  }
  UserInput user;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (Status status = Set(columns_[i], (*fields)[i], &user); !status.ok()) return status;
  }
  return Input(std::move(user));
}

Input UserRows::ReadJson(string_view line) const {
  const auto json = ParseJson(line);
  const auto* object = json.ok() ? std::get_if<JsonObject>(&json->value()) : nullptr;
  if (object == nullptr) return Invalid("not a JSON object on one line");
  if (const Json* type = json->Find("type")) {
    const auto* name = std::get_if<std::string>(&type->value());
    if (name == nullptr) return Invalid("type is no text");
    if (Has(kOtherTypes, *name)) return Input(std::nullopt);
    if (*name != "user") {
      return Invalid("type " + Printable(name->substr(0, 40)) +
                     " is none that `latchkey org export` writes: leave it out, or write user");
    }
  }
  UserInput user;
  for (const JsonMember& member : *object) {
    if (json->Find(member.key) != &member.value) {
      return Invalid(Printable(member.key.substr(0, 40)) + " is there twice");
    }
    if (Has(kIgnored, member.key)) continue;
    if (!Has(kColumns, member.key)) return UnknownColumn(member.key);
    const auto text = TextOf(member);
    if (!text.ok()) return text.error();
    if (Status status = Set(member.key, *text, &user); !status.ok()) return status;
  }
  return Input(std::move(user));
}

Status UserRows::Set(string_view column, string_view value, UserInput* user) const {
  if (value.empty()) return {};
  if (column == "email") {
    auto email = NormalizeEmail(value);
    if (!email.ok()) return email.error();
    user->email = std::move(*email);
    return {};
  }
  if (column == "password_hash") return SetHash(value, weak_hashes_, user);
  if (column == "email_verified") {
    const auto flag = BoolOf(base::AsciiLower(value));
    if (!flag) return Invalid("email_verified is true or false");
    user->email_verified = *flag;
    return {};
  }
  if (column == "status") {
    const auto status = StatusOf(value);
    if (!status) return Invalid("status is active or disabled");
    user->status = *status;
    return {};
  }
  if (column == "id") {
    const auto id = base::ParseUuid(value);
    if (!id) return Invalid("id is a UUID");
    user->id = records::UserId{*id};
    return {};
  }
  const auto time = ParseRfc3339(value);
  if (!time.ok()) return time.error();
  if (*time > now_) return Invalid("created_at lies in the future");
  user->created_at = *time;
  return {};
}

}  // namespace ctl
