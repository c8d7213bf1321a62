#include "ctl/audit/audit_verify.h"

#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/os/owner.h"
#include "base/rfc3339.h"
#include "ctl/admin/row_json.h"
#include "ctl/audit/audit_events.h"
#include "ctl/print/text.h"
#include "store/audit/audit_verifier.h"
#include "store/backup/backup_check.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"org", "ORG"},
                                           {"rows", "ROWS"},
                                           {"seals", "SEALS"},
                                           {"last_sequence", "UP_TO"},
                                           {"head", "HEAD"}};
  return columns;
}

// What an earlier `audit verify --json` printed of one organization.
struct KeptHead {
  records::OrganizationId organization_id;
  std::int64_t last_sequence = 0;
  std::string hash;
  base::Time sealed_at;
};

// Rows are deleted by their own age; their seal may be this much younger.
constexpr base::seconds kSealedLate{86400};

constexpr std::size_t kMostBytesOfHeads = 64U << 20U;

Status NoHeads(const std::string& path) {
  return {Code::kInvalid, path + " is not what `latchkey --json audit verify` prints"};
}

Result<std::vector<KeptHead>> ReadHeads(const std::string& path) {
  const base::AsCaller caller;
  std::ifstream file(path);
  if (!file) return Status(Code::kNotFound, "cannot read " + path);
  std::string text;
  for (char c = 0; text.size() <= kMostBytesOfHeads && file.get(c);) text.push_back(c);
  const auto json = ParseJson(text);
  const Json* const member = json.ok() ? json->Find("organizations") : nullptr;
  const auto* const list = member == nullptr ? nullptr : std::get_if<JsonArray>(&member->value());
  if (list == nullptr) return NoHeads(path);
  std::vector<KeptHead> heads;
  for (const Json& item : *list) {
    const auto id = base::ParseUuid(item.Text("organization_id").value_or(""));
    const auto last = item.Number("last_sequence");
    const auto hash = item.Text("head");
    const auto sealed_at = ParseRfc3339(item.Text("sealed_at").value_or(""));
    if (!id || !last || !hash || !sealed_at.ok()) return NoHeads(path);
    heads.push_back(
        {.organization_id = {*id}, .last_sequence = *last, .hash = *hash, .sealed_at = *sealed_at});
  }
  return heads;
}

bool IsOverForItsAge(const KeptHead& head, const base::Settings& settings) {
  if (settings.audit_retention_days == 0) return false;
  const base::seconds kept(settings.audit_retention_days * 86400);
  return head.sealed_at + kept - kSealedLate <= base::SystemClock().Now();
}

// A head covers all before it: where it is still there, nothing of that was written anew. What the
// database says of where it begins is believed only of what may have gone for its age.
Status CompareHeads(const std::vector<KeptHead>& heads, const base::Settings& settings,
                    store::AuditReader& reader, store::AuditReport& report) {
  for (const KeptHead& head : heads) {
    if (head.last_sequence < report.state.pruned_through) {
      if (IsOverForItsAge(head, settings)) continue;
      report.breaks.push_back({.organization_id = head.organization_id,
                               .first_sequence = 0,
                               .last_sequence = head.last_sequence,
                               .what = "rows were deleted before audit_retention_days were over"});
      continue;
    }
    const auto seal = reader.SealUpTo(head.organization_id, head.last_sequence);
    if (!seal.ok() && seal.error().code() != Code::kNotFound) return seal.error();
    if (seal.ok() && seal->last_sequence == head.last_sequence &&
        base::HexEncode(seal->hash) == head.hash) {
      continue;
    }
    report.breaks.push_back({.organization_id = head.organization_id,
                             .first_sequence = 0,
                             .last_sequence = head.last_sequence,
                             .what = "the log was sealed anew: the kept head is not in it"});
  }
  return {};
}

JsonArray HeadsJson(const store::AuditReport& report, AuditNames& names) {
  JsonArray heads;
  for (const auto& [id, head] : report.heads) {
    heads.push_back(JsonObject{{"org", names.Organization(id)},
                               {"organization_id", base::ToText(id)},
                               {"rows", head.rows},
                               {"seals", head.seals},
                               {"last_sequence", head.last_sequence},
                               {"sealed_at", TimeJson(head.sealed_at)},
                               {"head", base::HexEncode(head.hash)}});
  }
  return heads;
}

JsonArray BreaksJson(const store::AuditReport& report, AuditNames& names) {
  JsonArray breaks;
  for (const store::AuditBreak& broken : report.breaks) {
    const auto& id = broken.organization_id;
    breaks.push_back(JsonObject{{"org", id ? Json(names.Organization(*id)) : Json()},
                                {"first_sequence", broken.first_sequence},
                                {"last_sequence", broken.last_sequence},
                                {"what", broken.what}});
  }
  return breaks;
}

std::string SentenceOf(const store::AuditBreak& broken, AuditNames& names) {
  const auto& id = broken.organization_id;
  return fmt::format(
      "BROKEN  sequences {} to {}{}: {}", broken.first_sequence, broken.last_sequence,
      id ? " of " + Printable(names.Organization(*id)) : std::string(), Printable(broken.what));
}

void Print(const store::AuditReport& report, Admin& admin) {
  AuditNames names(admin);
  if (admin.output().json()) {
    admin.output().One({{"holds", report.breaks.empty()},
                        {"organizations", HeadsJson(report, names)},
                        {"broken", BreaksJson(report, names)},
                        {"sealed_through", report.state.sealed_through},
                        {"pruned_through", report.state.pruned_through},
                        {"unsealed_rows", report.unsealed_rows},
                        {"unsealed_since", TimeJson(report.unsealed_since)}});
    return;
  }
  admin.output().List(HeadsJson(report, names), Columns(), "nothing is sealed yet");
  for (const store::AuditBreak& broken : report.breaks) {
    admin.output().Note(SentenceOf(broken, names));
  }
  admin.output().Note(
      report.unsealed_since
          ? fmt::format("unsealed: {} rows since {}; the writer seals them when it is idle",
                        report.unsealed_rows, base::Rfc3339(*report.unsealed_since))
          : std::string("unsealed: none"));
}

}  // namespace

Status VerifyAudit(const Args& args, Admin& admin) {
  std::vector<KeptHead> heads;
  if (args.Has("--against")) {
    auto kept = ReadHeads(args.Text("--against"));
    if (!kept.ok()) return kept.error();
    heads = std::move(*kept);
  }
  // A trigger may have written what is sealed by now.
  if (Status status = store::CheckSchemaOf(admin.settings().DatabasePath()); !status.ok()) {
    return status;
  }
  const auto reader = OpenAudit(admin);
  if (!reader.ok()) return reader.error();
  const crypto::OpenSslDigest digest;
  auto report = store::AuditVerifier(**reader, digest).Run();
  if (!report.ok()) return report.error();
  if (Status status = CompareHeads(heads, admin.settings(), **reader, *report); !status.ok())
    return status;
  Print(*report, admin);
  if (report->breaks.empty()) return {};
  return {Code::kCorrupt,
          "the audit log was changed outside of Latchkey, or the disk damaged it: keep a copy of "
          "the data folder and compare it with a backup (docs/operations.md \"Audit\")"};
}

}  // namespace ctl
