// `latchkey plan`: what a service offers, and the features a subscription to it brings.

#include "ctl/admin/admin.h"
#include "ctl/admin/changes.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Status;

constexpr std::int64_t kMaxPriceCents = 1'000'000'000;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"service", "SERVICE"},
                                           {"name", "NAME"},
                                           {"price_cents", "PRICE_CENTS"},
                                           {"currency", "CURRENCY"},
                                           {"features", "FEATURES"}};
  return columns;
}

// What --org, --service and the plan's name lead to.
struct PlanPlace {
  records::ServiceRow service;
  records::PlanRow plan;
};

base::Result<PlanPlace> PlanPlaceOf(const Args& args, Admin& admin) {
  auto place = ServicePlaceOf(args, admin);
  if (!place.ok()) return place.error();
  auto plan = FindPlan(admin, place->service, args.Text("plan"));
  if (!plan.ok()) return plan.error();
  return PlanPlace{std::move(place->service), std::move(*plan)};
}

Status Create(const Args& args, Admin& admin) {
  const auto place = ServicePlaceOf(args, admin);
  if (!place.ok()) return place.error();
  const auto plan = AddPlan(admin, place->service,
                            {.name = args.Text("--name"),
                             .price_cents = args.Number("--price-cents", 0),
                             .currency = args.OptionalText("--currency").value_or("usd"),
                             .features = args.List("--feature")});
  if (!plan.ok()) return plan.error();
  admin.output().One(ToJson(*plan, place->service.slug));
  return {};
}

Status List(const Args& args, Admin& admin) {
  const auto place = ServicePlaceOf(args, admin);
  if (!place.ok()) return place.error();
  const auto rows = (*admin.Reader())->ListPlans(place->org.id, place->service.id);
  if (!rows.ok()) return rows.error();
  JsonArray objects;
  for (const auto& row : *rows) objects.push_back(ToJson(row, place->service.slug));
  admin.output().List(objects, Columns(), "no plans yet");
  return {};
}

Status Show(const Args& args, Admin& admin) {
  const auto place = PlanPlaceOf(args, admin);
  if (!place.ok()) return place.error();
  admin.output().One(ToJson(place->plan, place->service.slug));
  return {};
}

Status FillUpdate(const Args& args, records::UpdatePlan* record) {
  record->name = args.OptionalText("--name");
  record->price_cents = args.OptionalNumber("--price-cents");
  if (record->name) {
    if (Status status = CheckName("the plan's name", *record->name); !status.ok()) return status;
  }
  if (args.Has("--currency")) {
    auto currency = NormalizeCurrency(args.Text("--currency"));
    if (!currency.ok()) return currency.error();
    record->currency = std::move(*currency);
  }
  if (args.Has("--feature")) record->features = JoinLines(args.List("--feature"));
  if (args.Has("--no-features")) record->features = "";
  if (!record->name && !record->price_cents && !record->currency && !record->features) {
    return {
        base::Code::kInvalid,
        "nothing to change: give --name, --price-cents, --currency, --feature or --no-features"};
  }
  return CheckFeatures(args.List("--feature"));
}

Status Update(const Args& args, Admin& admin) {
  const auto place = PlanPlaceOf(args, admin);
  if (!place.ok()) return place.error();
  records::UpdatePlan record{.record_id = admin.NewId<records::RecordId>(),
                             .plan_id = place->plan.id,
                             .organization_id = place->plan.organization_id,
                             .name = {},
                             .price_cents = {},
                             .currency = {},
                             .features = {}};
  if (Status status = FillUpdate(args, &record); !status.ok()) return status;
  const auto written = admin.Write(record, {.not_found = "the plan is gone",
                                            .exists = "another plan of the service has that name",
                                            .conflict = {},
                                            .denied = {}});
  if (!written.ok()) return written.error();
  const auto plan = FindPlan(admin, place->service, record.name.value_or(place->plan.name));
  if (!plan.ok()) return plan.error();
  admin.output().One(ToJson(*plan, place->service.slug));
  return {};
}

Status Delete(const Args& args, Admin& admin) {
  const auto place = PlanPlaceOf(args, admin);
  if (!place.ok()) return place.error();
  const std::string& name = place->plan.name;
  if (!args.Has("--yes")) {
    if (Status status = Confirm("Delete the plan " + name + "?"); !status.ok()) return status;
  }
  const records::DeletePlan record{.record_id = admin.NewId<records::RecordId>(),
                                   .plan_id = place->plan.id,
                                   .organization_id = place->plan.organization_id};
  const auto written = admin.Write(
      record, {.not_found = "the plan is gone already",
               .exists = {},
               .conflict = "subscriptions use the plan " + name + ": move or delete those first",
               .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().Done("deleted plan " + name, {{"deleted", name}});
  return {};
}

void AddServiceOption(CLI::App& command) {
  AddOrgOption(command);
  AddRequired(command, "--service", "SLUG", "its service");
}

void AddDetails(CLI::App& command) {
  AddNumber(command, "--price-cents", 0, kMaxPriceCents, "N", "a month, in hundredths; default: 0");
  AddText(command, "--currency", "CODE", "three letters of ISO 4217; default: usd");
  AddList(command, "--feature", "TEXT", "what the plan brings; may stand several times");
}

void AddExisting(CLI::App& command) {
  AddServiceOption(command);
  AddRequired(command, "plan", "NAME", "the plan's name");
}

}  // namespace

void RegisterPlan(CLI::App& app, Context& context) {
  CLI::App& noun =
      AddNoun(app, {"plan", "plans of a service", "latchkey plan list --org acme --service cli"});
  CLI::App& create = AddCommand(
      noun, context,
      {"create", "add a plan",
       "latchkey plan create --org acme --service cli --name pro --price-cents 900 --feature sync"},
      &Create);
  AddServiceOption(create);
  AddRequired(create, "--name", "TEXT", "the plan's name");
  AddDetails(create);
  AddServiceOption(AddCommand(
      noun, context,
      {"list", "all plans of a service", "latchkey plan list --org acme --service cli"}, &List));
  AddExisting(AddCommand(noun, context,
                         {"show", "one plan", "latchkey plan show --org acme --service cli pro"},
                         &Show));
  CLI::App& update =
      AddCommand(noun, context,
                 {"update", "change a plan; what is not named stays",
                  "latchkey plan update --org acme --service cli pro --price-cents 1200"},
                 &Update);
  AddExisting(update);
  AddText(update, "--name", "TEXT", "a new name");
  AddDetails(update);
  AddFlag(update, "--no-features", "remove all of them");
  AddExclusion(update, "--feature", "--no-features");
  CLI::App& remove = AddCommand(noun, context,
                                {"delete", "delete a plan nobody is subscribed to",
                                 "latchkey plan delete --org acme --service cli pro --yes"},
                                &Delete);
  AddExisting(remove);
  AddYes(remove);
}

}  // namespace ctl
