// Where the rows of an import go: to the writer, many at a time, or, in a dry run, nowhere. Tells the
// report what became of each. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "ctl/admin/admin.h"
#include "ctl/bulk/import_report.h"
#include "ctl/bulk/user_ledger.h"
#include "ctl/bulk/user_rows.h"
#include "records/rows.h"
#include "wire/bulk_sender.h"

namespace ctl {

class UserSink {
 public:
  enum class Mode : std::uint8_t { kWrite, kDryRun };

  // References outlive it.
  static base::Result<UserSink> Open(Admin& admin, const records::OrganizationRow& org, Mode mode,
                                     base::Time started_at, ImportReport& report);

  // One row more. What the writer cannot take at the moment (restart, full disk) is sent again for half
  // a minute. kUnavailable, kFull: it could not; line_to_go_on() says from where.
  base::Status Take(std::int64_t line, const UserInput& user);
  // All rows are durable, or refused and in the report. Errors as Take.
  base::Status Finish();
  // The first line that is not known to be done; 0: all of them are.
  std::int64_t line_to_go_on() const;

 private:
  struct Row {
    std::int64_t line = 0;
    records::ImportUser record;
    std::string_view scheme;
  };
  // In the order of their lines.
  using Rows = std::deque<Row>;

  UserSink(Admin& admin, const records::OrganizationRow& org, Mode mode, base::Time started_at,
           ImportReport& report, std::unique_ptr<wire::BulkSender> sender)
      : admin_(&admin),
        org_(&org),
        mode_(mode),
        started_at_(started_at),
        report_(&report),
        sender_(std::move(sender)),
        postponed_(std::make_unique<Rows>()),
        ledger_(std::make_unique<UserLedger>()) {}

  records::ImportUser RecordOf(const UserInput& user);
  // false: it is there or refused, and the report knows.
  base::Result<bool> IsNew(std::int64_t line, const UserInput& user);
  base::Status Send(Row row);
  base::Status SendPostponed();

  Admin* admin_;
  const records::OrganizationRow* org_;
  Mode mode_;
  base::Time started_at_;
  ImportReport* report_;
  std::unique_ptr<wire::BulkSender> sender_;
  std::unique_ptr<Rows> postponed_;  // callbacks of the sender hold its address
  std::unique_ptr<UserLedger> ledger_;
  std::int64_t stopped_at_ = 0;
};

}  // namespace ctl
