// `latchkey audit`: what happened, who did it, and whether the record of it was touched.
#include <algorithm>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "ctl/admin/admin.h"
#include "ctl/args.h"
#include "ctl/audit/audit_events.h"
#include "ctl/audit/audit_verify.h"
#include "ctl/commands.h"

namespace ctl {

namespace {

using base::Result;
using base::Status;
using records::AuditRow;

constexpr std::int64_t kTailRows = 20;
constexpr std::int64_t kMostTailRows = 10'000;
constexpr std::int64_t kPageRows = 500;
constexpr base::milliseconds kFollowPause{500};

enum class Form : std::uint8_t { kText, kJsonLines };

// Ends with kUnavailable where nobody reads standard output any more.
Status PrintRows(const std::vector<AuditRow>& rows, Form form, AuditNames& names) {
  for (const AuditRow& row : rows) {
    std::cout << (form == Form::kJsonLines ? ToLine(ToJson(row, names)) : ToTextLine(row, names));
  }
  std::cout.flush();
  if (std::cout) return {};
  return {base::Code::kUnavailable, "nobody reads standard output any more"};
}

// The newest rows, oldest first.
Result<std::vector<AuditRow>> Newest(store::AuditReader& reader, std::int64_t newest,
                                     const store::AuditFilter& filter, std::int64_t limit) {
  std::vector<AuditRow> rows;
  std::int64_t before = newest + 1;
  while (static_cast<std::int64_t>(rows.size()) < limit && before > 1) {
    const auto page = reader.Before(before, filter, limit - static_cast<std::int64_t>(rows.size()));
    if (!page.ok()) return page.error();
    rows.insert(rows.end(), page->rows.begin(), page->rows.end());
    before = page->end;
  }
  std::reverse(rows.begin(), rows.end());
  return rows;
}

// All rows behind a sequence; where it got to.
Result<std::int64_t> PrintAfter(store::AuditReader& reader, std::int64_t sequence,
                                const store::AuditFilter& filter, Form form, AuditNames& names) {
  for (;;) {
    const auto page = reader.After(sequence, filter, kPageRows);
    if (!page.ok()) return page.error();
    if (Status status = PrintRows(page->rows, form, names); !status.ok()) return status;
    if (page->end <= sequence) return sequence;
    sequence = page->end;
  }
}

Status Tail(const Args& args, Admin& admin) {
  const auto reader = OpenAudit(admin);
  if (!reader.ok()) return reader.error();
  const auto filter = FilterOf(args, admin);
  if (!filter.ok()) return filter.error();
  const auto newest = (*reader)->NewestSequence();
  if (!newest.ok()) return newest.error();
  const auto rows = Newest(**reader, *newest, *filter, args.Number("--limit", kTailRows));
  if (!rows.ok()) return rows.error();
  AuditNames names(admin);
  const Form form = admin.output().json() ? Form::kJsonLines : Form::kText;
  if (Status status = PrintRows(*rows, form, names); !status.ok()) return status;
  if (!args.Has("--follow")) return {};
  for (std::int64_t sequence = *newest;;) {
    const auto end = PrintAfter(**reader, sequence, *filter, form, names);
    // The database may be busy, or put back from a backup at this moment.
    if (!end.ok() && end.error().code() != base::Code::kUnavailable) return end.error();
    if (!std::cout) return end.error();
    if (end.ok()) sequence = *end;
    std::this_thread::sleep_for(kFollowPause);
  }
}

Status Export(const Args& args, Admin& admin) {
  const auto reader = OpenAudit(admin);
  if (!reader.ok()) return reader.error();
  const auto filter = FilterOf(args, admin);
  if (!filter.ok()) return filter.error();
  AuditNames names(admin);
  return PrintAfter(**reader, args.Number("--after", 0), *filter, Form::kJsonLines, names).status();
}

}  // namespace

void RegisterAudit(CLI::App& app, Context& context) {
  CLI::App& noun = AddNoun(app, {"audit", "who did what, and whether the record of it was touched",
                                 "latchkey audit tail --follow"});
  CLI::App& verify =
      AddCommand(noun, context,
                 {"verify", "recompute every seal; exits with 1 where a row or seal was changed",
                  "latchkey audit verify\nlatchkey --json audit verify >heads.json\n"
                  "latchkey audit verify --against heads.json"},
                 &VerifyAudit);
  AddText(verify, "--against", "FILE",
          "what an earlier --json run printed, kept elsewhere: shows a log that was sealed anew");
  CLI::App& tail = AddCommand(
      noun, context,
      {"tail", "the newest events, oldest first; --json: a line each",
       "latchkey audit tail --follow\nlatchkey audit tail --org acme --event sign_in.failed\n"
       "latchkey audit tail --org acme --user alice@acme.example --limit 100"},
      &Tail);
  AddFilterOptions(tail);
  AddNumber(tail, "--limit", 0, kMostTailRows, "N", "at most so many; default: 20");
  AddFlag(tail, "--follow", "go on with what comes, until Ctrl-C");
  CLI::App& all =
      AddCommand(noun, context,
                 {"export", "all events as JSON lines, oldest first",
                  "latchkey audit export >audit.jsonl\nlatchkey audit export --org acme --since "
                  "2026-11-01T00:00:00Z\nlatchkey audit export --after 5811 >>audit.jsonl"},
                 &Export);
  AddFilterOptions(all);
  AddNumber(all, "--after", 0, INT64_MAX, "SEQUENCE", "go on behind this one");
}

}  // namespace ctl
