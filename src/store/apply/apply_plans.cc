// Plans, and subscriptions of users to them.
#include <optional>
#include <string_view>

#include "store/apply/apply.h"
#include "store/apply/seen_records.h"
#include "store/entity.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using records::WriteResult;
using std::string_view;

constexpr string_view kFindService =
    "SELECT 1 FROM services WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kFindByName =
    "SELECT id, created_by_record FROM plans"
    " WHERE organization_id = ?1 AND service_id = ?2 AND name = ?3";
// A taken name is a unique key of the table: kExists.
constexpr string_view kUpdate =
    "UPDATE plans SET name = coalesce(?3, name), price_cents = coalesce(?4, price_cents),"
    " currency = coalesce(?5, currency), features = coalesce(?6, features)"
    " WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kFind = "SELECT 1 FROM plans WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kIsUsed =
    "SELECT 1 FROM subscriptions WHERE organization_id = ?2 AND plan_id = ?1"
    " AND service_id = (SELECT service_id FROM plans WHERE id = ?1 AND organization_id = ?2)";
constexpr string_view kDelete = "DELETE FROM plans WHERE id = ?1 AND organization_id = ?2";

constexpr string_view kFindUser = "SELECT 1 FROM users WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kFindPlanOfService =
    "SELECT 1 FROM plans WHERE id = ?1 AND organization_id = ?2 AND service_id = ?3";
constexpr string_view kFindSubscription =
    "SELECT id, created_by_record FROM subscriptions"
    " WHERE user_id = ?1 AND service_id = ?2 AND organization_id = ?3";
constexpr string_view kUpdateSubscription =
    "UPDATE subscriptions SET plan_id = coalesce(?4, plan_id), status = coalesce(?5, status),"
    " current_period_end = coalesce(?6, current_period_end)"
    " WHERE user_id = ?1 AND service_id = ?2 AND organization_id = ?3";
constexpr string_view kDeleteSubscription =
    "DELETE FROM subscriptions WHERE user_id = ?1 AND service_id = ?2 AND organization_id = ?3";

// kNotFound where the user, or the plan of that service, is not in the organization; none: they
// are.
Result<std::optional<WriteResult>> RefuseSubscription(const records::CreateSubscription& record,
                                                      ApplyContext& context) {
  using Answer = Result<std::optional<WriteResult>>;
  const Result<bool> has_user =
      Finds(context, kFindUser, record.row.user_id, record.row.organization_id);
  if (!has_user.ok()) return has_user.error();
  const Result<bool> has_plan = Finds(context, kFindPlanOfService, record.row.plan_id,
                                      record.row.organization_id, record.row.service_id);
  if (!has_plan.ok()) return has_plan.error();
  if (!*has_user || !*has_plan) return Answer(Refused(Code::kNotFound));
  return FindCreated(context, record.record_id, kFindSubscription, record.row.user_id,
                     record.row.service_id, record.row.organization_id);
}

}  // namespace

Outcome Apply(const records::CreatePlan& record, ApplyContext& context) {
  const Result<bool> has_service =
      Finds(context, kFindService, record.row.service_id, record.row.organization_id);
  if (!has_service.ok()) return has_service.error();
  if (!*has_service) return Refused(Code::kNotFound);
  const Result<std::optional<WriteResult>> found =
      FindCreated(context, record.record_id, kFindByName, record.row.organization_id,
                  record.row.service_id, record.row.name);
  if (!found.ok()) return found.error();
  if (found->has_value()) return **found;
  const Result<std::int64_t> inserted =
      Change(context, kInsert<records::PlanRow>, record.row, record.record_id);
  if (!inserted.ok()) return inserted.error();
  return Done(record.row.id);
}

Outcome Apply(const records::UpdatePlan& record, ApplyContext& context) {
  const Result<std::int64_t> updated =
      Change(context, kUpdate, record.plan_id, record.organization_id, record.name,
             record.price_cents, record.currency, record.features);
  if (!updated.ok()) return updated.error();
  return *updated == 1 ? Done(record.plan_id) : Refused(Code::kNotFound);
}

Outcome Apply(const records::DeletePlan& record, ApplyContext& context) {
  const Result<bool> is_there = Finds(context, kFind, record.plan_id, record.organization_id);
  if (!is_there.ok()) return is_there.error();
  if (!*is_there) return AnswerMissing(context, record.record_id, record.organization_id);
  const Result<bool> is_used = Finds(context, kIsUsed, record.plan_id, record.organization_id);
  if (!is_used.ok()) return is_used.error();
  if (*is_used) return Refused(Code::kConflict);
  const Result<std::int64_t> deleted =
      Change(context, kDelete, record.plan_id, record.organization_id);
  if (!deleted.ok()) return deleted.error();
  Status status = NoteSeen(context, record.record_id, record.organization_id).status();
  if (!status.ok()) return status;
  return Done(record.plan_id);
}

Outcome Apply(const records::CreateSubscription& record, ApplyContext& context) {
  const Result<std::optional<WriteResult>> refusal = RefuseSubscription(record, context);
  if (!refusal.ok()) return refusal.error();
  if (refusal->has_value()) return **refusal;
  const Result<std::int64_t> inserted =
      Change(context, kInsert<records::SubscriptionRow>, record.row, record.record_id);
  if (!inserted.ok()) return inserted.error();
  return Done(record.row.id);
}

Outcome Apply(const records::UpdateSubscription& record, ApplyContext& context) {
  if (record.plan_id) {
    const Result<bool> has_plan = Finds(context, kFindPlanOfService, *record.plan_id,
                                        record.organization_id, record.service_id);
    if (!has_plan.ok()) return has_plan.error();
    if (!*has_plan) return Refused(Code::kNotFound);
  }
  const Result<std::int64_t> updated =
      Change(context, kUpdateSubscription, record.user_id, record.service_id,
             record.organization_id, record.plan_id, record.status, record.current_period_end);
  if (!updated.ok()) return updated.error();
  return *updated == 1 ? Done() : Refused(Code::kNotFound);
}

Outcome Apply(const records::DeleteSubscription& record, ApplyContext& context) {
  const Result<std::int64_t> deleted = Change(context, kDeleteSubscription, record.user_id,
                                              record.service_id, record.organization_id);
  if (!deleted.ok()) return deleted.error();
  if (*deleted == 0) return AnswerMissing(context, record.record_id, record.organization_id);
  Status status = NoteSeen(context, record.record_id, record.organization_id).status();
  if (!status.ok()) return status;
  return Done();
}

}  // namespace store
