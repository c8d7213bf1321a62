#include "ctl/bulk/user_sink.h"

#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/os/owner.h"
#include "ctl/admin/operator_name.h"

namespace ctl {

namespace {

using base::Code;
using base::milliseconds;
using base::Result;
using base::Status;

constexpr milliseconds kPatience{30'000};
constexpr milliseconds kPause{250};

milliseconds SinceBoot() { return base::SystemClock().SinceBoot(); }

bool IsForNow(Code code) { return code == Code::kUnavailable || code == Code::kFull; }

std::string ReasonOf(Code code) {
  if (code == Code::kExists) {
    return "somebody took the address or the id meanwhile";
  }
  if (code == Code::kNotFound) return "the organization is gone";
  if (code == Code::kDenied) return "only the owner of the data folder, or root, may import";
  return "the writer refused it with " + std::string(base::CodeName(code));
}

}  // namespace

Result<UserSink> UserSink::Open(Admin& admin, const records::OrganizationRow& org, Mode mode,
                                base::Time started_at, ImportReport& report) {
  const base::Settings& settings = admin.settings();
  if (Status status = CheckWritersSocket(settings); !status.ok()) return status;
  auto sender =
      wire::BulkSender::Open({.socket_path = settings.RunPath("writer.sock"),
                              .page_path = settings.RunPath("writer.page"),
                              .record_deadline = milliseconds(settings.record_deadline_ms),
                              .heartbeat_old = milliseconds(settings.heartbeat_old_ms),
                              .operator_name = OperatorName(),
                              .socket_owner = ::geteuid()});
  if (!sender.ok()) return sender.error();
  return UserSink(admin, org, mode, started_at, report, std::move(*sender));
}

Status UserSink::Take(std::int64_t line, const UserInput& user) {
  const auto is_new = IsNew(line, user);
  if (!is_new.ok()) {
    stopped_at_ = line;
    return is_new.error();
  }
  if (!*is_new) return {};
  if (mode_ == Mode::kDryRun) {
    report_->CountImported(user.scheme);
    return {};
  }
  Status status = Send({.line = line, .record = RecordOf(user), .scheme = user.scheme});
  return status.ok() ? SendPostponed() : status;
}

// A read costs the writer nothing: a run over lines that are done already is a run of reads.
Result<bool> UserSink::IsNew(std::int64_t line, const UserInput& user) {
  const auto reader = admin_->Reader();
  if (!reader.ok()) return reader.error();
  const auto verdict = ledger_->Judge(user, org_->id, **reader);
  if (!verdict.ok()) return verdict.error();
  switch (verdict->fate) {
    case UserLedger::Fate::kTaken:
      return true;
    case UserLedger::Fate::kThereAlready:
      report_->CountExisting();
      return false;
    case UserLedger::Fate::kRefused:
      report_->Refuse(line, user.email, verdict->reason);
      return false;
  }
  return false;
}

records::ImportUser UserSink::RecordOf(const UserInput& user) {
  return {.record_id = admin_->NewId<records::RecordId>(),
          .row = {.id = user.id ? *user.id : admin_->NewId<records::UserId>(),
                  .organization_id = org_->id,
                  .email = user.email,
                  .email_verified = user.email_verified,
                  .password_hash = user.password_hash,
                  .status = user.status,
                  .unlocked_at = {},
                  .created_at = user.created_at.value_or(started_at_),
                  .updated_at = started_at_},
          .imported_at = started_at_};
}

Status UserSink::Send(Row row) {
  const records::Write write = row.record;
  // By value: the row lives here until its answer is there.
  auto done = [report = report_, postponed = postponed_.get(),
               row = std::move(row)](const records::WriteResult& result) {
    if (result.code == Code::kOk) {
      report->CountImported(row.scheme);
    } else if (IsForNow(result.code)) {
      postponed->push_back(row);
    } else {
      report->Refuse(row.line, row.record.row.email, ReasonOf(result.code));
    }
  };
  const base::AsCaller caller;  // the writer tells the operator by the uid
  Status status = sender_->Send(write, done);
  if (status.ok() || status.code() == Code::kInvalid) return status;
  done({.code = status.code()});
  return {};
}

// The record is the same, so that what was done before its answer was lost is done once.
Status UserSink::SendPostponed() {
  const milliseconds end = SinceBoot() + kPatience;
  while (!postponed_->empty()) {
    if (Status status = sender_->Finish(); !status.ok()) return status;
    if (SinceBoot() > end) {
      return {Code::kUnavailable,
              WriterIsRunning(admin_->settings())
                  ? "the writer takes nothing: the disk is full, or see `latchkey status`"
                  : "the writer is not running: start it with `latchkey run` or `make start`"};
    }
    std::this_thread::sleep_for(kPause);
    Rows again;
    std::swap(again, *postponed_);
    for (Row& row : again) {
      if (Status status = Send(std::move(row)); !status.ok()) return status;
    }
    if (Status status = sender_->Finish(); !status.ok()) return status;
  }
  return {};
}

Status UserSink::Finish() {
  const base::AsCaller caller;
  if (Status status = sender_->Finish(); !status.ok()) return status;
  return SendPostponed();
}

std::int64_t UserSink::line_to_go_on() const {
  std::int64_t first = stopped_at_;
  for (const Row& row : *postponed_) {
    if (first == 0 || row.line < first) first = row.line;
  }
  return first;
}

}  // namespace ctl
