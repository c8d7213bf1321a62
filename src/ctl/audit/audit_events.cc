#include "ctl/audit/audit_events.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/rfc3339.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr std::size_t kMostNames = 10'000;  // kept at once

Result<records::AuditEvent> EventNamed(const std::string& name) {
  if (const auto event = records::AuditEventNamed(name)) return *event;
  std::string names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(records::AuditEvent::kCount); ++i) {
    names.append(" ").append(records::ToText(static_cast<records::AuditEvent>(i)));
  }
  return Status(Code::kInvalid, "no event " + Printable(name) + "; there are" + names);
}

// By slug, or by id: the log of an organization outlives it.
Result<records::OrganizationId> OrganizationNamed(const std::string& text, Admin& admin) {
  if (const auto id = base::ParseUuid(text)) return records::OrganizationId{*id};
  const auto org = FindOrganization(admin, text);
  if (!org.ok()) return org.error();
  return org->id;
}

Result<records::UserId> UserNamed(const std::string& text, const Args& args, Admin& admin) {
  if (const auto id = base::ParseUuid(text)) return records::UserId{*id};
  const auto slug = args.OptionalText("--org");
  if (!slug) {
    return Status(Code::kInvalid, "an e-mail address is a user's of one organization: add --org");
  }
  const auto org = FindOrganization(admin, *slug);
  if (!org.ok()) return org.error();
  const auto user = FindUser(admin, *org, text);
  if (!user.ok()) return user.error();
  return user->id;
}

Result<std::optional<base::Time>> TimeOf(const Args& args, const char* option) {
  const auto text = args.OptionalText(option);
  if (!text) return std::optional<base::Time>();
  const auto time = ParseRfc3339(*text);
  if (!time.ok()) return time.error();
  return std::optional(*time);
}

template <class Id>
Json IdJson(const std::optional<Id>& id) {
  return id ? Json(base::ToText(*id)) : Json();
}

Json TextOrNull(std::string text) { return text.empty() ? Json() : Json(std::move(text)); }

std::string NameOf(const records::AuditRow& row, const std::optional<records::UserId>& user_id,
                   AuditNames& names) {
  if (!user_id) return "";
  const std::string email = names.User(row.organization_id, *user_id);
  return email.empty() ? base::ToText(*user_id) : email;
}

std::string ActorOf(const records::AuditRow& row, AuditNames& names) {
  if (row.actor == records::AuditActor::kOperator) return row.actor_name;
  if (row.actor == records::AuditActor::kUser && row.actor_id) {
    return row.actor_id == row.user_id ? "user" : NameOf(row, row.actor_id, names);
  }
  return std::string(records::ToText(row.actor));
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : Printable(text); }

}  // namespace

Result<std::unique_ptr<store::AuditReader>> OpenAudit(Admin& admin) {
  // Says how to make a database where there is none.
  if (const auto reader = admin.Reader(); !reader.ok()) return reader.error();
  return store::AuditReader::Open(admin.settings().DatabasePath());
}

void AddFilterOptions(CLI::App& command) {
  AddText(command, "--org", "SLUG", "of this organization alone; by its id once it is deleted");
  AddText(command, "--event", "EVENT", "of this kind alone, as sign_in.failed");
  AddText(command, "--user", "EMAIL", "by or about this user; by their id once they are deleted");
  AddText(command, "--since", "TIME", "from this time on, as 2026-12-31T23:59:59Z");
  AddText(command, "--until", "TIME", "before this time");
}

Result<store::AuditFilter> FilterOf(const Args& args, Admin& admin) {
  store::AuditFilter filter;
  if (const auto org = args.OptionalText("--org")) {
    const auto id = OrganizationNamed(*org, admin);
    if (!id.ok()) return id.error();
    filter.organization_id = *id;
  }
  if (const auto name = args.OptionalText("--event")) {
    const auto event = EventNamed(*name);
    if (!event.ok()) return event.error();
    filter.event = *event;
  }
  if (const auto user = args.OptionalText("--user")) {
    const auto id = UserNamed(*user, args, admin);
    if (!id.ok()) return id.error();
    filter.user_id = *id;
  }
  const auto since = TimeOf(args, "--since");
  if (!since.ok()) return since.error();
  const auto until = TimeOf(args, "--until");
  if (!until.ok()) return until.error();
  filter.since = *since;
  filter.until = *until;
  return filter;
}

std::string AuditNames::Organization(const records::OrganizationId& id) {
  if (const auto known = organizations_.find(id); known != organizations_.end()) {
    return known->second;
  }
  if (organizations_.size() >= kMostNames) organizations_.clear();
  const auto row = (*admin_.Reader())->FindOrganization(id);
  return organizations_[id] = row.ok() ? row->slug : base::ToText(id);
}

std::string AuditNames::User(const records::OrganizationId& organization_id,
                             const records::UserId& id) {
  const std::pair key(organization_id, id);
  if (const auto known = users_.find(key); known != users_.end()) return known->second;
  if (users_.size() >= kMostNames) users_.clear();
  auto row = (*admin_.Reader())->FindUser(organization_id, id);
  // Who administers an organization is a user of the platform.
  if (!row.ok()) row = (*admin_.Reader())->FindUser(records::kPlatformOrganizationId, id);
  return users_[key] = row.ok() ? row->email : std::string();
}

JsonObject ToJson(const records::AuditRow& row, AuditNames& names) {
  const std::string email = row.user_id ? names.User(row.organization_id, *row.user_id) : "";
  return {{"sequence", row.sequence},
          {"at", TimeJson(row.at)},
          {"org", names.Organization(row.organization_id)},
          {"organization_id", base::ToText(row.organization_id)},
          {"event", records::ToText(row.event)},
          {"actor", records::ToText(row.actor)},
          {"actor_id", IdJson(row.actor_id)},
          {"actor_name", TextOrNull(row.actor_name)},
          {"user_id", IdJson(row.user_id)},
          {"email", TextOrNull(email)},
          {"subject_id", IdJson(row.subject_id)},
          {"address", TextOrNull(row.address)},
          {"detail", TextOrNull(row.detail)},
          {"request_id", base::HexEncode(row.record_id.bytes)}};
}

std::string ToTextLine(const records::AuditRow& row, AuditNames& names) {
  return fmt::format("{}  {:<12}  {:<22}  {:<28}  by {:<18}  {:<15}  {}\n", base::Rfc3339(row.at),
                     Printable(names.Organization(row.organization_id)), records::ToText(row.event),
                     OrDash(NameOf(row, row.user_id, names)), Printable(ActorOf(row, names)),
                     OrDash(row.address), OrDash(row.detail));
}

}  // namespace ctl
