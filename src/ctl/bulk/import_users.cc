#include "ctl/bulk/import_users.h"

#include <string>

#include "base/os/owner.h"
#include "ctl/admin/admin.h"
#include "ctl/admin/lookup.h"
#include "ctl/args.h"
#include "ctl/bulk/file_kind.h"
#include "ctl/bulk/import_report.h"
#include "ctl/bulk/line_reader.h"
#include "ctl/bulk/user_rows.h"
#include "ctl/bulk/user_sink.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

constexpr std::int64_t kMostLines = 1'000'000'000;

RowFormat FormatFrom(const Args& args, std::string_view path, std::string_view head) {
  const auto word = args.OptionalText("--format");
  if (!word) return FormatOf(path, head);
  return *word == "csv" ? RowFormat::kCsv : RowFormat::kJsonLines;
}

// One run over the file.
class Import {
 public:
  Import(LineReader& lines, UserRows rows, UserSink& sink, ImportReport& report,
         std::int64_t from_line)
      : lines_(lines),
        rows_(std::move(rows)),
        sink_(sink),
        report_(report),
        from_line_(from_line) {}

  // `line` is the first one, read already.
  Status Run(std::optional<Line> line) {
    while (line) {
      if (Status status = Take(*line); !status.ok()) return status;
      report_.ShowProgress();
      auto next = lines_.Next();
      if (!next.ok()) return next.error();
      line = std::move(*next);
    }
    return sink_.Finish();
  }

 private:
  Status Take(const Line& line) {
    report_.CountLine(line.number);
    if (rows_.needs_header() && line.text.find_first_not_of(" \t") == std::string::npos) return {};
    if (rows_.needs_header()) {
      Status status =
          line.is_too_long ? Status(Code::kInvalid, "it is too long") : rows_.ReadHeader(line.text);
      if (!status.ok()) {
        return {Code::kInvalid, "line " + std::to_string(line.number) + ": " + status.message()};
      }
      return {};
    }
    if (line.number < from_line_) {
      report_.CountPassedOver();
      return {};
    }
    if (line.is_too_long) {
      report_.Refuse(line.number, "", "longer than " + std::to_string(kMaxLineBytes) + " bytes");
      return {};
    }
    const auto user = rows_.Read(line.text);
    if (!user.ok()) {
      report_.Refuse(line.number, "", user.error().message());
    } else if (!*user) {
      report_.CountPassedOver();
    } else {
      return sink_.Take(line.number, **user);
    }
    return {};
  }

  LineReader& lines_;
  UserRows rows_;
  UserSink& sink_;
  ImportReport& report_;
  std::int64_t from_line_;
};

Status Stopped(const Status& status, const UserSink& sink) {
  const std::int64_t line = sink.line_to_go_on();
  if (line == 0) return status;
  return {status.code(), status.message() + "\nStopped at line " + std::to_string(line) +
                             ": run the same again, which passes over what is there, or with "
                             "--from-line " +
                             std::to_string(line)};
}

Status ImportUsers(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  if (org->id == records::kPlatformOrganizationId) {
    return {Code::kInvalid,
            "users of the organization platform administer the server: make them "
            "one by one"};
  }
  // Of the writer's peers these alone may: a dry run says so, too.
  if (Status status = base::CheckOwner(admin.settings().data_dir).status(); !status.ok())
    return status;
  const std::string path = args.Text("file");
  auto lines = LineReader::Open(path);
  if (!lines.ok()) return lines.error();
  const auto head = lines->Peek(kHeadBytes);
  if (!head.ok()) return head.error();
  const RowFormat format = FormatFrom(args, path, *head);
  if (Status status = CheckFileKind(*head, format); !status.ok()) return status;
  auto first = lines->Next();
  if (!first.ok()) return first.error();
  auto report = ImportReport::Open(args.Text("--report"));
  if (!report.ok()) return report.error();
  const base::Time now = admin.Now();
  auto sink = UserSink::Open(
      admin, *org, args.Has("--dry-run") ? UserSink::Mode::kDryRun : UserSink::Mode::kWrite, now,
      *report);
  if (!sink.ok()) return sink.error();
  const auto weak =
      args.Has("--weak-hashes") ? crypto::WeakHashes::kTaken : crypto::WeakHashes::kRefused;
  Import import(*lines, UserRows(format, now, weak), *sink, *report, args.Number("--from-line", 1));
  const Status done = import.Run(std::move(*first));
  JsonObject summary = report->Summary();
  if (args.Has("--dry-run")) summary.insert(summary.begin(), {"dry_run", true});
  admin.output().One(summary);
  Status reported = report->Close();
  if (!done.ok()) return Stopped(done, *sink);
  if (!reported.ok()) return reported;
  if (report->refused() == 0) return {};
  return {Code::kDenied, std::to_string(report->refused()) + " lines were refused"};
}

}  // namespace

void AddUserImport(CLI::App& noun, Context& context) {
  CLI::App& command = AddCommand(
      noun, context,
      {"import", "add many users, with the password hashes that they have",
       "latchkey user import users.csv --org acme --dry-run --report refused.jsonl\n"
       "latchkey user import users.jsonl --org acme --report refused.jsonl\n"
       "latchkey org export acme --with-password-hashes | latchkey --data /srv/other user import - "
       "--org acme"},
      &ImportUsers);
  AddRequired(command, "file", "FILE",
              "CSV (with , ; or tabs), whose first line names the columns, or JSON Lines; - is "
              "standard input. "
              "Columns: email, password_hash, email_verified, status, id, created_at");
  AddOrgOption(command);
  AddChoice(command, "--format", {"csv", "jsonl"}, "default: by the name, else by the first line");
  AddText(command, "--report", "FILE", "the refused lines and why, as JSON Lines");
  AddNumber(command, "--from-line", 1, kMostLines, "N", "pass over the lines before this one");
  AddFlag(command, "--weak-hashes", "take password hashes below OWASP's least, too");
  AddFlag(command, "--dry-run", "check all, write nothing");
}

}  // namespace ctl
