#include "ctl/bulk/file_kind.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "ctl/print/json.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;
using std::string_view;

constexpr string_view kUtf8Mark = "\xef\xbb\xbf";

struct Beginning {
  string_view bytes;
  string_view sentence;
};

constexpr string_view kUtf16 =
    "the file is text in UTF-16, as Excel's \"Unicode text\" is: save it as \"CSV UTF-8\", or run "
    "iconv -f UTF-16 -t UTF-8 FILE first";
constexpr string_view kUtf32 =
    "the file is text in UTF-32: run iconv -f UTF-32 -t UTF-8 FILE first";
constexpr string_view kCompressed =
    "the file is compressed: unpack it first (zcat, bzcat, xzcat or zstdcat FILE | latchkey user "
    "import - ...)";

// Of bytes that no text begins with, in this order.
constexpr std::array kBinaries{
    Beginning{string_view("\xff\xfe\0\0", 4), kUtf32},
    Beginning{string_view("\0\0\xfe\xff", 4), kUtf32},
    Beginning{"\xff\xfe", kUtf16},
    Beginning{"\xfe\xff", kUtf16},
    Beginning{"\x1f\x8b", kCompressed},
    Beginning{"BZh", kCompressed},
    Beginning{string_view("\xfd"
                          "7zXZ",
                          5),
              kCompressed},
    Beginning{"\x28\xb5\x2f\xfd", kCompressed},
    Beginning{
        "PK\x03\x04",
        "the file is a spreadsheet (.xlsx, .ods) or another zip archive: save the sheet as CSV "
        "(\"CSV UTF-8\" in Excel), or unpack it first"},
    Beginning{"\xd0\xcf\x11\xe0",
              "the file is an old Excel workbook (.xls): save the sheet as \"CSV UTF-8\""},
    Beginning{
        string_view("SQLite format 3\0", 16),
        "the file is an SQLite database: write the users as CSV first (sqlite3 -csv -header FILE "
        "\"SELECT ...\"); a backup of Latchkey is for `latchkey restore`"},
    Beginning{"%PDF", "the file is a PDF document: export the users as CSV or JSON Lines"},
};

// Of text, in lower case, behind blanks.
constexpr string_view kSql =
    "the file is an SQL dump: export the table of users as CSV instead (psql: \\copy (SELECT ...) "
    "TO 'users.csv' CSV HEADER)";
constexpr std::array kTexts{
    Beginning{"<!doctype html",
              "the file is an HTML page, perhaps a sign-in page that a download gave "
              "instead: fetch the export again"},
    Beginning{"<html",
              "the file is an HTML page, perhaps a sign-in page that a download gave instead: "
              "fetch the export again"},
    Beginning{"<", "the file is XML: export the users as CSV or JSON Lines"},
    Beginning{"--", kSql},
    Beginning{"/*", kSql},
    Beginning{"insert into ", kSql},
    Beginning{"create table ", kSql},
    Beginning{"drop table ", kSql},
    Beginning{"copy ", kSql},
    Beginning{"begin;", kSql},
    Beginning{"begin transaction;", kSql},
    Beginning{"set ", kSql},
    Beginning{"pragma ", kSql},
    Beginning{"dn: ", "the file is LDIF: write its users as CSV with the column email"},
    Beginning{"version: 1\ndn: ", "the file is LDIF: write its users as CSV with the column email"},
    Beginning{
        "[",
        "the file is one JSON array, and a line an object is wanted: jq -c '.[]' FILE | latchkey "
        "user import - --format jsonl ..."},
};

constexpr string_view kFirebase =
    "the file is an export of Firebase, whose kind of scrypt cannot be checked here: take the "
    "addresses (jq -c '.users[] | {email, email_verified: .emailVerified}' FILE | latchkey user "
    "import - --format jsonl ...) and send password links (latchkey user invite)";
constexpr string_view kKeycloak =
    "the file is of Keycloak: take its users (jq -c '(.users[]? // .) | {email, email_verified: "
    ".emailVerified, id, status: (if .enabled then \"active\" else \"disabled\" end)}' FILE | "
    "latchkey user import - --format jsonl ...); docs/cli.md \"Many at once\" has its hashes";
constexpr string_view kAuth0 =
    "the file is an export of Auth0: jq -c '{email, email_verified, password_hash: .passwordHash}' "
    "FILE | latchkey user import - --format jsonl ...";
constexpr string_view kListOfUsers =
    "the file is one JSON document with a list of users, and a line an object is wanted: jq -c "
    "'.users[]' FILE | latchkey user import - --format jsonl ..., with the members that "
    "docs/cli.md \"Many at once\" names";
constexpr string_view kDocument =
    "the file is one JSON document over several lines, and a line an object is wanted: jq -c . "
    "FILE | latchkey user import - --format jsonl ...";
constexpr string_view kOneLineDocument =
    "the file is one long JSON document, and a line an object is wanted: docs/cli.md \"Many at "
    "once\" has the members of a line";

// Systems by the names of members that only they have.
struct Mark {
  string_view member;
  string_view sentence;
};
constexpr std::array kMarks{
    Mark{"\"localId\"", kFirebase},       Mark{"\"hash_config\"", kFirebase},
    Mark{"\"realm\"", kKeycloak},         Mark{"\"secretData\"", kKeycloak},
    Mark{"\"emailVerified\"", kKeycloak}, Mark{"\"requiredActions\"", kKeycloak},
    Mark{"\"passwordHash\"", kAuth0},     Mark{"\"auth0|", kAuth0},
    Mark{"\"users\"", kListOfUsers},
};

Status Other(string_view sentence) { return {Code::kInvalid, std::string(sentence)}; }

string_view WithoutBlanks(string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == string_view::npos ? string_view() : text.substr(first);
}

string_view FirstLine(string_view text) { return text.substr(0, text.find('\n')); }

// Text in UTF-16 without a mark: every other byte of what is mostly ASCII is zero.
bool LooksLikeUtf16(string_view head) {
  constexpr std::size_t kLeast = 4;
  if (head.size() < kLeast || (head[0] == '\0') == (head[1] == '\0')) return false;
  const std::size_t zeros = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\0'));
  return zeros > head.size() / 3;
}

Status CheckBytes(string_view head) {
  for (const Beginning& kind : kBinaries) {
    if (head.starts_with(kind.bytes)) return Other(kind.sentence);
  }
  if (LooksLikeUtf16(head)) return Other(kUtf16);
  if (head.find('\0') != string_view::npos) {
    return Other("the file is no text: CSV or JSON Lines is wanted");
  }
  return {};
}

// Some lines end with a carriage return alone, as on a Macintosh of old.
bool HasOldLineEnds(string_view head) {
  const std::size_t end = head.find('\r');
  return end != string_view::npos && end + 1 < head.size() && head.find('\n') == string_view::npos;
}

// A sentence by what the text says of itself; null where it is no system's that we know.
const Mark* FindMark(string_view text) {
  const auto* const found = std::find_if(kMarks.begin(), kMarks.end(), [&](const Mark& mark) {
    return text.find(mark.member) != string_view::npos;
  });
  return found == kMarks.end() ? nullptr : found;
}

// What a line of a document ends with whose object is not closed there.
constexpr string_view kInside = "{[,:";

// Whether the lines may be objects: the first is one, or it is broken and the second begins like one.
bool IsLineWise(string_view text) {
  const string_view first = FirstLine(text);
  const auto json = ParseJson(first);
  if (json.ok()) return std::holds_alternative<JsonObject>(json->value());
  if (first.size() == text.size()) return first.size() < kHeadBytes;
  const std::size_t last = first.find_last_not_of(" \t\r");
  const bool goes_on = last == string_view::npos || kInside.find(first[last]) != string_view::npos;
  if (goes_on) return false;
  return WithoutBlanks(text.substr(first.size())).starts_with('{');
}

Status CheckJson(string_view text) {
  if (!text.starts_with('{')) {
    return Other("the first line is no JSON object: is the file CSV? (--format csv)");
  }
  const bool is_line_wise = IsLineWise(text);
  const string_view first = FirstLine(text);
  // A first line that reads well is what the lines are: no other one is looked at.
  if (is_line_wise && FirstUnknownMember(first).empty()) return {};
  if (const Mark* mark = FindMark(is_line_wise ? first : text)) return Other(mark->sentence);
  if (is_line_wise) {
    const std::string member = FirstUnknownMember(first);
    return UnknownColumn(member);
  }
  return Other(first.size() == text.size() ? kOneLineDocument : kDocument);
}

}  // namespace

string_view WithoutByteOrderMark(string_view text) {
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  return text;
}

RowFormat FormatOf(string_view path, string_view head) {
  const string_view text = WithoutBlanks(WithoutByteOrderMark(head));
  if (text.starts_with('{')) return RowFormat::kJsonLines;
  return path.ends_with(".jsonl") || path.ends_with(".ndjson") ? RowFormat::kJsonLines
                                                               : RowFormat::kCsv;
}

Status CheckFileKind(string_view head, RowFormat format) {
  if (head.empty()) return Other("the file is empty");
  if (Status status = CheckBytes(head); !status.ok()) return status;
  const string_view text = WithoutBlanks(WithoutByteOrderMark(head));
  if (text.empty()) return Other("the file holds blank lines alone");
  const std::string lower = base::AsciiLower(text.substr(0, 64));
  for (const Beginning& kind : kTexts) {
    if (lower.starts_with(kind.bytes)) return Other(kind.sentence);
  }
  if (HasOldLineEnds(text)) {
    return Other("the lines end with a carriage return alone: run tr '\\r' '\\n' <FILE first");
  }
  if (format == RowFormat::kJsonLines) return CheckJson(text);
  return text.starts_with('{') ? Other("the file is JSON Lines, not CSV: --format jsonl")
                               : Status();
}

}  // namespace ctl
