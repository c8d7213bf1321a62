// Lines that claim to be users, as CSV and as JSON: no bytes crash the readers, and what is taken is within its bounds.
#include "accounts/email_address.h"
#include "base/rfc3339.h"
#include "ctl/bulk/file_kind.h"
#include "ctl/bulk/user_rows.h"
#include "ctl/print/json.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"

namespace fuzz {

namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;
const std::vector<std::string_view> kColumns{
    "email", "password_hash", "email_verified", "status", "id", "created_at", "type"};

std::string Cell(std::string_view column, Random& random) {
  if (random.OneIn(8)) return Text(random, 40);
  if (column == "email") return "ann" + Text(random, 4) + "@acme.example";
  if (column == "password_hash") return ForeignHash(random);
  if (column == "id") return Uuid(random);
  if (column == "created_at") return Rfc3339(random);
  constexpr std::array<std::string_view, 8> kWords{"true", "false",    "yes",  "1",
                                                   "",     "disabled", "user", "active"};
  return std::string(random.Pick(kWords));
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string Csv(Random& random) {
  std::string line;
  for (const char* column : {"email", "status", "password_hash"}) {
    if (!line.empty()) line += ",";
    const std::string cell = Cell(column, random);
    line += random.OneIn(3) ? Quoted(cell) : cell;
  }
  return random.OneIn(6) ? ReplaceToken(line, random) : line;
}

std::string JsonLine(Random& random) {
  if (random.OneIn(4)) return JsonObject(random, kColumns);
  ctl::JsonObject object;
  for (const std::string_view column : kColumns) {
    if (column != "email" && random.OneIn(3)) continue;
    object.push_back({std::string(column), Cell(column, random)});
  }
  const std::string line = ctl::ToLine(std::move(object));
  return random.OneIn(4) ? ReplaceToken(line, random) : line;
}

void Check(const base::Result<std::optional<ctl::UserInput>>& read) {
  if (!read.ok()) {
    Require(!read.error().message().empty(), "a refusal has a reason");
    return;
  }
  if (!*read) return;
  const ctl::UserInput& user = **read;
  Require(!user.email.empty() && user.email.size() <= 254, "an address is bounded");
  const auto again = accounts::NormalizeEmailAddress(user.email);
  Require(again.ok() && *again == user.email, "an address keeps its form");
  Require(user.password_hash.size() <= 512, "a hash is bounded");
  Require(user.password_hash.empty() == user.scheme.empty(), "a hash has a name");
  Require(!user.created_at || base::ToUnixMillis(*user.created_at) <= kNow,
          "nobody is of tomorrow");
}

void CheckFields(std::string_view bytes, char separator) {
  const auto fields = ctl::SplitCsv(bytes, separator);
  if (!fields.ok()) return;
  std::string line;
  for (const std::string& field : *fields) {
    if (!line.empty()) line.push_back(separator);
    line += Quoted(field);
  }
  const auto again = ctl::SplitCsv(line, separator);
  Require(again.ok() && *again == *fields, "fields in quotes are the same fields");
}

void CheckKind(std::string_view bytes) {
  const ctl::RowFormat format = ctl::FormatOf("-", bytes);
  if (const auto kind = ctl::CheckFileKind(bytes, format); !kind.ok()) {
    Require(kind.message().size() > 10, "a file that is refused is told what it is");
  }
  (void)ctl::FirstUnknownMember(bytes);
}

}  // namespace

std::string Grow(Random& random) { return random.OneIn(2) ? Csv(random) : JsonLine(random); }

void FuzzOne(std::string_view bytes) {
  const base::Time now = base::FromUnixMillis(kNow);
  ctl::UserRows named(ctl::RowFormat::kCsv, now);
  if (named.ReadHeader(bytes).ok()) {
    Require(!named.needs_header() || bytes.starts_with("sep="), "a header is read once");
  }
  ctl::UserRows csv(ctl::RowFormat::kCsv, now);
  if (csv.ReadHeader("email,status,password_hash").ok()) Check(csv.Read(bytes));
  Check(ctl::UserRows(ctl::RowFormat::kJsonLines, now).Read(bytes));
  for (const char separator : {',', ';', '\t'}) CheckFields(bytes, separator);
  CheckKind(bytes);
}

}  // namespace fuzz
