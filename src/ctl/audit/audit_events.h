// Rows of the audit log as people and scripts see them, and the options that choose some. Lives on
// main's thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "ctl/admin/admin.h"
#include "ctl/args.h"
#include "ctl/print/json.h"
#include "records/audit/audit.h"
#include "store/audit/audit_reader.h"

namespace ctl {

// kUnavailable: no database yet.
base::Result<std::unique_ptr<store::AuditReader>> OpenAudit(Admin& admin);

// --org, --event, --user, --since, --until.
void AddFilterOptions(CLI::App& command);
// kNotFound: no such organization or user; kInvalid: no time, or --user by e-mail without --org.
base::Result<store::AuditFilter> FilterOf(const Args& args, Admin& admin);

// The names behind ids, each looked up once. What is gone has none any more.
class AuditNames {
 public:
  explicit AuditNames(Admin& admin) : admin_(admin) {}

  std::string Organization(const records::OrganizationId& id);  // slug, else the id
  // E-mail address; empty: gone.
  std::string User(const records::OrganizationId& organization_id, const records::UserId& id);

 private:
  Admin& admin_;
  std::map<records::OrganizationId, std::string> organizations_;
  std::map<std::pair<records::OrganizationId, records::UserId>, std::string> users_;
};

JsonObject ToJson(const records::AuditRow& row, AuditNames& names);
// One line, with its newline: time, organization, event, whom it concerns, who did it, from where,
// what.
std::string ToTextLine(const records::AuditRow& row, AuditNames& names);

}  // namespace ctl
