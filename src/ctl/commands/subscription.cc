// `latchkey subscription`: which user has which plan of which service.

#include "base/bytes.h"
#include "ctl/admin/admin.h"
#include "ctl/admin/changes.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/commands/choices.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Result;
using base::Status;
using records::SubscriptionStatus;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{
      {"id", "ID"},     {"email", "EMAIL"},   {"service", "SERVICE"},
      {"plan", "PLAN"}, {"status", "STATUS"}, {"current_period_end", "PERIOD_END"}};
  return columns;
}

// The user and service that --org, --user and --service name: at most one subscription lies there.
struct Place {
  records::UserRow user;
  records::ServiceRow service;
};

Result<Place> PlaceOf(const Args& args, Admin& admin) {
  auto service = ServicePlaceOf(args, admin);
  if (!service.ok()) return service.error();
  auto user = FindUser(admin, service->org, args.Text("--user"));
  if (!user.ok()) return user.error();
  return Place{std::move(*user), std::move(service->service)};
}

Result<std::optional<base::Time>> PeriodEndOf(const Args& args) {
  const auto text = args.OptionalText("--period-end");
  if (!text) return std::optional<base::Time>();
  const auto time = ParseRfc3339(*text);
  if (!time.ok()) return time.error();
  return std::optional(*time);
}

Status Create(const Args& args, Admin& admin) {
  const auto place = PlaceOf(args, admin);
  if (!place.ok()) return place.error();
  const auto plan = FindPlan(admin, place->service, args.Text("--plan"));
  if (!plan.ok()) return plan.error();
  const auto period_end = PeriodEndOf(args);
  if (!period_end.ok()) return period_end.error();
  const auto status = ChoiceOf<SubscriptionStatus>(args.Text("--status"));
  const auto row = AddSubscription(admin, place->user, *plan,
                                   status.value_or(SubscriptionStatus::kActive), *period_end);
  if (!row.ok()) return row.error();
  admin.output().One(
      ToJson(NamedSubscription{*row, place->user.email, place->service.slug, plan->name}));
  return {};
}

Result<std::vector<records::SubscriptionRow>> RowsOf(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto after = AfterIdOf<records::SubscriptionId>(args);
  if (!after.ok()) return after.error();
  domain::SubscriptionPage page{.user = {}, .after = *after, .limit = PageOf(args).limit};
  if (args.Has("--user")) {
    const auto user = FindUser(admin, *org, args.Text("--user"));
    if (!user.ok()) return user.error();
    page.user = user->id;
  }
  return (*admin.Reader())->ListSubscriptions(org->id, page);
}

Status List(const Args& args, Admin& admin) {
  const auto rows = RowsOf(args, admin);
  if (!rows.ok()) return rows.error();
  JsonArray objects;
  for (const records::SubscriptionRow& row : *rows) {
    const auto named = WithNames(admin, row);
    if (!named.ok()) return named.error();
    objects.push_back(ToJson(*named));
  }
  admin.output().List(objects, Columns(), "no subscriptions here");
  if (!rows->empty()) NoteMore(admin, PageOf(args), rows->size(), base::ToText(rows->back().id));
  return {};
}

Status Show(const Args& args, Admin& admin) {
  const auto place = PlaceOf(args, admin);
  if (!place.ok()) return place.error();
  const auto row =
      (*admin.Reader())
          ->FindSubscription(place->user.organization_id, place->user.id, place->service.id);
  if (!row.ok() && row.error().code() == base::Code::kNotFound) {
    return {base::Code::kNotFound,
            place->user.email + " has no subscription to " + place->service.slug};
  }
  if (!row.ok()) return row.error();
  const auto named = WithNames(admin, *row);
  if (!named.ok()) return named.error();
  admin.output().One(ToJson(*named));
  return {};
}

Status Update(const Args& args, Admin& admin) {
  const auto place = PlaceOf(args, admin);
  if (!place.ok()) return place.error();
  const auto period_end = PeriodEndOf(args);
  if (!period_end.ok()) return period_end.error();
  records::UpdateSubscription record{.record_id = admin.NewId<records::RecordId>(),
                                     .organization_id = place->user.organization_id,
                                     .user_id = place->user.id,
                                     .service_id = place->service.id,
                                     .plan_id = std::nullopt,
                                     .status = ChoiceOf<SubscriptionStatus>(args.Text("--status")),
                                     .current_period_end = *period_end};
  if (args.Has("--plan")) {
    const auto plan = FindPlan(admin, place->service, args.Text("--plan"));
    if (!plan.ok()) return plan.error();
    record.plan_id = plan->id;
  }
  if (!record.plan_id && !record.status && !record.current_period_end) {
    return {base::Code::kInvalid, "nothing to change: give --plan, --status or --period-end"};
  }
  const auto written = admin.Write(
      record, {.not_found = place->user.email + " has no subscription to " + place->service.slug,
               .exists = {},
               .conflict = {},
               .denied = {}});
  if (!written.ok()) return written.error();
  return Show(args, admin);
}

Status Delete(const Args& args, Admin& admin) {
  const auto place = PlaceOf(args, admin);
  if (!place.ok()) return place.error();
  const std::string what = "subscription of " + place->user.email + " to " + place->service.slug;
  if (!args.Has("--yes")) {
    if (Status status = Confirm("Delete the " + what + "?"); !status.ok()) return status;
  }
  const records::DeleteSubscription record{.record_id = admin.NewId<records::RecordId>(),
                                           .organization_id = place->user.organization_id,
                                           .user_id = place->user.id,
                                           .service_id = place->service.id};
  const auto written = admin.Write(
      record, {.not_found = "there is no " + what, .exists = {}, .conflict = {}, .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().Done("deleted " + what, {{"deleted", what}});
  return {};
}

void AddPlace(CLI::App& command) {
  AddOrgOption(command);
  AddRequired(command, "--user", "EMAIL", "whose subscription");
  AddRequired(command, "--service", "SLUG", "to which service");
}

void AddDetails(CLI::App& command) {
  AddChoice(command, "--status", ChoicesOf<SubscriptionStatus>(), "default: active");
  AddText(command, "--period-end", "TIME", "RFC 3339, 2026-12-31T23:59:59Z");
}

}  // namespace

void RegisterSubscription(CLI::App& app, Context& context) {
  CLI::App& noun = AddNoun(
      app, {"subscription", "which user has which plan", "latchkey subscription list --org acme"});
  CLI::App& create = AddCommand(noun, context,
                                {"create", "subscribe a user to a plan",
                                 "latchkey subscription create --org acme --user "
                                 "alice@acme.example --service cli --plan pro"},
                                &Create);
  AddPlace(create);
  AddRequired(create, "--plan", "NAME", "the plan's name");
  AddDetails(create);
  CLI::App& list =
      AddCommand(noun, context,
                 {"list", "subscriptions of an organization, or of one user, oldest first",
                  "latchkey subscription list --org acme\n"
                  "latchkey subscription list --org acme --user alice@acme.example"},
                 &List);
  AddOrgOption(list);
  AddText(list, "--user", "EMAIL", "of this user alone");
  AddPageOptions(list, "ID");
  AddPlace(
      AddCommand(noun, context,
                 {"show", "one subscription",
                  "latchkey subscription show --org acme --user alice@acme.example --service cli"},
                 &Show));
  CLI::App& update = AddCommand(noun, context,
                                {"update", "change plan, status or end; what is not named stays",
                                 "latchkey subscription update --org acme --user "
                                 "alice@acme.example --service cli --status canceled"},
                                &Update);
  AddPlace(update);
  AddText(update, "--plan", "NAME", "another plan of the service");
  AddDetails(update);
  CLI::App& remove = AddCommand(
      noun, context,
      {"delete", "delete a subscription",
       "latchkey subscription delete --org acme --user alice@acme.example --service cli --yes"},
      &Delete);
  AddPlace(remove);
  AddYes(remove);
}

}  // namespace ctl
