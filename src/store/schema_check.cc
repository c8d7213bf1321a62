#include "store/schema_check.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "store/statement.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using std::string_view;

// By its old name, which a file cannot give to a table of its own: SQLite makes that one first.
constexpr string_view kObjects =
    "SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY type, name, tbl_name, sql";

constexpr string_view kUtf8 = "UTF-8";
constexpr std::size_t kShownBytes = 80;

struct Object {
  std::string type;
  std::string name;
  std::string table;
  std::optional<std::string> sql;  // absent: an index that a constraint makes

  friend bool operator==(const Object&, const Object&) = default;
};

auto KeyOf(const Object& object) { return std::tie(object.type, object.name); }

bool ComesBefore(const Object& a, const Object& b) {
  return std::tie(a.type, a.name, a.table, a.sql) < std::tie(b.type, b.name, b.table, b.sql);
}

Result<std::vector<Object>> ListObjects(Database& database) {
  StatementCache statements(database);
  Query query(statements, kObjects);
  std::vector<Object> objects;
  for (Result<bool> row = query.Step();; row = query.Step()) {
    if (!row.ok()) return row.error();
    if (!*row) break;
    Object object;
    object.type = query.Read<std::string>();
    object.name = query.Read<std::string>();
    object.table = query.Read<std::string>();
    object.sql = query.Read<std::optional<std::string>>();
    if (object.sql) object.sql = NormalizeSql(*object.sql);
    objects.push_back(std::move(object));
  }
  std::sort(objects.begin(), objects.end(), ComesBefore);
  return objects;
}

Result<std::vector<Object>> ListOwnObjects(std::span<const Migration> migrations) {
  auto fresh = Database::OpenInMemory();
  if (!fresh.ok()) return fresh.error();
  if (Status status = Migrate(*fresh, migrations); !status.ok()) return status;
  return ListObjects(*fresh);
}

// Names come from the file and go to a terminal or a log.
std::string Shown(const std::string& text) {
  std::string shown = text.substr(0, kShownBytes);
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

std::string Name(const Object& object) {
  std::string text = Shown(object.type) + " \"" + Shown(object.name) + "\"";
  if (object.table != object.name) text += " on " + Shown(object.table);
  return text;
}

// What is wrong with the first of `found` that differs; both are sorted. Empty: nothing is.
std::string FirstDifference(const std::vector<Object>& found, const std::vector<Object>& own) {
  const auto has = [](const std::vector<Object>& objects, const Object& wanted) {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const Object& object) { return KeyOf(object) == KeyOf(wanted); });
  };
  for (const Object& object : found) {
    if (!has(own, object)) return "the " + Name(object) + " is not Latchkey's";
  }
  for (const Object& object : own) {
    if (!has(found, object)) return "the " + Name(object) + " is missing";
  }
  const auto [at, wanted] = std::mismatch(found.begin(), found.end(), own.begin(), own.end());
  if (at == found.end()) return {};
  return "the " + Name(*at) + " is defined in another way than Latchkey does";
}

// Until the first release a schema changes without a new number.
string_view AdviceFor(const std::vector<Object>& found, const std::vector<Object>& own) {
  const bool has_all_of_ours =
      std::includes(found.begin(), found.end(), own.begin(), own.end(), &ComesBefore);
  return has_all_of_ours
             ? "Somebody changed the file outside of Latchkey: use a backup that `latchkey verify` "
               "calls good"
             : "Either an unreleased build made it: move the data folder away, `make run` seeds a "
               "new one; or somebody changed the file outside of Latchkey: use a backup that "
               "`latchkey verify` calls good";
}

Status CheckEncoding(Database& database, const std::string& path) {
  StatementCache statements(database);
  Query query(statements, "PRAGMA encoding");
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  const auto encoding = *row ? query.Read<std::string>() : std::string();
  if (encoding == kUtf8) return {};
  return {Code::kCorrupt, path +
                              " keeps its text in another encoding than UTF-8: it was not made "
                              "by Latchkey"};
}

// ---- normal form ----

constexpr bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

// A comment's bytes from `at` on; 0: none begins there. As SQLite reads them.
std::size_t CommentBytes(string_view sql, std::size_t at) {
  const string_view rest = sql.substr(at);
  if (rest.starts_with("--")) return std::min(rest.find('\n'), rest.size());
  if (!rest.starts_with("/*")) return 0;
  const std::size_t end = rest.find("*/", 2);
  return end == string_view::npos ? rest.size() : end + 2;
}

// A quoted text's bytes from `at` on; 0: none begins there. Doubled quotes are two texts that touch.
std::size_t QuotedBytes(string_view sql, std::size_t at) {
  constexpr string_view kOpening = "'\"`[";
  constexpr string_view kClosing = "'\"`]";
  const std::size_t kind = kOpening.find(sql[at]);
  if (kind == string_view::npos) return 0;
  const std::size_t end = sql.find(kClosing[kind], at + 1);
  return end == string_view::npos ? sql.size() - at : end + 1 - at;
}

}  // namespace

std::string NormalizeSql(string_view sql) {
  std::string text;
  bool is_apart = false;  // blanks or a comment stood between
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t comment = CommentBytes(sql, at); comment > 0 || IsBlank(sql[at])) {
      is_apart = true;
      at += std::max<std::size_t>(comment, 1);
      continue;
    }
    if (is_apart && !text.empty()) text.push_back(' ');
    is_apart = false;
    const std::size_t bytes = std::max<std::size_t>(QuotedBytes(sql, at), 1);
    text.append(sql.substr(at, bytes));
    at += bytes;
  }
  return text;
}

Status CheckSchema(Database& database, const std::string& path,
                   std::span<const Migration> migrations) {
  const Result<MigrationPlan> plan = PlanMigrations(database, migrations);
  if (!plan.ok()) return plan.error();
  if (Status status = CheckEncoding(database, path); !status.ok()) return status;
  const auto found = ListObjects(database);
  if (!found.ok()) return found.error();
  const auto own = ListOwnObjects(migrations.first(migrations.size() - plan->pending.size()));
  if (!own.ok()) return own.error();
  const std::string difference = FirstDifference(*found, *own);
  if (difference.empty()) return {};
  return {Code::kCorrupt, path + " does not have the tables of schema " +
                              std::to_string(plan->current) + ": " + difference + ". " +
                              std::string(AdviceFor(*found, *own))};
}

}  // namespace store
