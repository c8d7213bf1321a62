// `latchkey service`: services of an organization, each with its OAuth client.

#include "ctl/admin/admin.h"
#include "ctl/admin/changes.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/commands/choices.h"
#include "ctl/commands/client_keys.h"
#include "ctl/commands/service_issuer.h"
#include "ctl/print/text.h"
#include "oauth/scope.h"
#include "oauth/tokens.h"

namespace ctl {

namespace {

using base::Code;
using base::Status;

// docs/api.md: services made for the origin's SDK, which asks for no scope and reads the address.
constexpr std::int64_t kSdkAccessTokenLifetime = 24 * 3600;
constexpr std::string_view kSdkScope = oauth::kEmailScope;

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"slug", "SLUG"},
                                           {"name", "NAME"},
                                           {"client_id", "CLIENT_ID"},
                                           {"client_type", "CLIENT"},
                                           {"client_disabled", "DISABLED"}};
  return columns;
}

void PrintSecret(Admin& admin, JsonObject object, const std::string& secret) {
  if (!secret.empty()) object.push_back({"client_secret", secret});
  admin.output().One(object);
  if (!secret.empty())
    admin.output().Note("\nKeep the client_secret now: only its hash is stored.");
}

std::int64_t LifetimeOf(const Args& args) {
  return args.Number("--access-token-lifetime", args.Has("--sdk") ? kSdkAccessTokenLifetime : 0);
}

// The keys that --jwks names, nullopt where it is not given.
base::Result<std::optional<std::string>> KeysOf(const Args& args) {
  using Keys = base::Result<std::optional<std::string>>;
  if (!args.Has("--jwks")) return Keys(std::nullopt);
  auto keys = ReadClientKeys(args.Text("--jwks"));
  if (!keys.ok()) return keys.error();
  return Keys(std::move(*keys));
}

// nullopt: neither of the two options is given.
std::optional<std::string> ScopeOf(const Args& args, const char* option, const char* none) {
  if (args.Has(none)) return std::string();
  return args.OptionalText(option);
}

std::optional<std::string> DefaultScopeOf(const Args& args) {
  return ScopeOf(args, "--default-scope", "--no-default-scope");
}

std::optional<std::string> AllowedScopeOf(const Args& args) {
  return ScopeOf(args, "--allowed-scope", "--all-scopes");
}

ResourceUse ResourceUseOf(const Args& args) {
  return args.Has("--shared-resource") ? ResourceUse::kShared : ResourceUse::kOwn;
}

Status Create(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto keys = KeysOf(args);
  if (!keys.ok()) return keys.error();
  const auto issuer = ChooseIssuer(args.OptionalText("--issuer").value_or("platform"), admin, *org);
  if (!issuer.ok()) return issuer.error();
  const std::string slug = args.Text("--slug");
  const auto added = AddService(
      admin, *org,
      {.slug = slug,
       .name = args.OptionalText("--name").value_or(slug),
       .client_id = args.Text("--client-id"),
       .client_type = args.Has("--confidential") || *keys ? records::ClientType::kConfidential
                                                          : records::ClientType::kPublic,
       .resources = args.List("--resource"),
       .resource_use = ResourceUseOf(args),
       .jwks = keys->value_or(""),
       .issuer = *issuer,
       .access_token_lifetime_s = LifetimeOf(args),
       .refresh_token_allowed = !args.Has("--no-refresh-token"),
       .default_scope =
           DefaultScopeOf(args).value_or(std::string(args.Has("--sdk") ? kSdkScope : "")),
       .allowed_scope = AllowedScopeOf(args).value_or("")});
  if (!added.ok()) return added.error();
  PrintSecret(admin, ToJson(added->service, added->client, admin.settings()), added->client_secret);
  return {};
}

Status List(const Args& args, Admin& admin) {
  const auto org = OrganizationOf(args, admin);
  if (!org.ok()) return org.error();
  const auto rows = (*admin.Reader())->ListServices(org->id);
  if (!rows.ok()) return rows.error();
  JsonArray objects;
  for (const auto& row : *rows)
    objects.push_back(ToJson(row.service, row.client, admin.settings()));
  admin.output().List(objects, Columns(), "no services yet");
  return {};
}

Status PrintService(const Args& args, Admin& admin, const std::string& secret) {
  const auto place = ServicePlaceOf(args, admin);
  if (!place.ok()) return place.error();
  PrintSecret(admin, ToJson(place->service, place->client, admin.settings()), secret);
  return {};
}

Status Show(const Args& args, Admin& admin) { return PrintService(args, admin, {}); }

bool ChangesSomething(const records::UpdateService& record) {
  return record.name || record.access_token_lifetime_s || record.client_disabled ||
         record.refresh_token_allowed || record.client_secret_hash || record.resources ||
         record.client_jwks || record.default_scope || record.allowed_scope;
}

// One of two flags that exclude each other.
std::optional<bool> Either(const Args& args, const char* yes, const char* no) {
  if (args.Has(yes)) return true;
  return args.Has(no) ? std::optional(false) : std::nullopt;
}

records::UpdateService UpdateOf(const Args& args, Admin& admin,
                                const records::ServiceRow& service) {
  records::UpdateService record{
      .record_id = admin.NewId<records::RecordId>(),
      .service_id = service.id,
      .organization_id = service.organization_id,
      .name = args.OptionalText("--name"),
      .access_token_lifetime_s = args.OptionalNumber("--access-token-lifetime"),
      .client_disabled = Either(args, "--disable-client", "--enable-client"),
      .refresh_token_allowed = Either(args, "--refresh-token", "--no-refresh-token"),
      .client_secret_hash = std::nullopt,
      .resources = std::nullopt,
      .client_jwks = std::nullopt,
      .default_scope = DefaultScopeOf(args),
      .allowed_scope = AllowedScopeOf(args)};
  if (args.Has("--resource")) record.resources = JoinLines(args.List("--resource"));
  if (args.Has("--no-resources")) record.resources = "";
  return record;
}

Status CheckUpdate(const records::UpdateService& record, const records::ClientRow& client) {
  if (!ChangesSomething(record))
    return {Code::kInvalid, "nothing to change: see `latchkey service update --help`"};
  if (record.name) {
    if (Status status = CheckName("the service's name", *record.name); !status.ok()) return status;
  }
  return CheckClientScopes(record.default_scope.value_or(client.default_scope),
                           record.allowed_scope.value_or(client.allowed_scope));
}

Status CheckClientChange(const Args& args, const records::ClientRow& client) {
  if (client.type == records::ClientType::kConfidential) return {};
  if (!args.Has("--new-secret") && !args.Has("--jwks")) return {};
  return {Code::kInvalid, client.client_id + " is a public client: it has no secret and no keys"};
}

Status Update(const Args& args, Admin& admin) {
  const auto place = ServicePlaceOf(args, admin);
  if (!place.ok()) return place.error();
  records::UpdateService record = UpdateOf(args, admin, place->service);
  if (Status status = CheckClientChange(args, place->client); !status.ok()) return status;
  auto keys = KeysOf(args);
  if (!keys.ok()) return keys.error();
  record.client_jwks = std::move(*keys);
  std::string secret;
  if (args.Has("--new-secret")) {
    auto drawn = DrawClientSecret(admin);
    if (!drawn.ok()) return drawn.error();
    record.client_secret_hash = drawn->hash;
    secret = std::move(drawn->text);
  }
  if (Status status = CheckUpdate(record, place->client); !status.ok()) return status;
  if (Status status = CheckResources(admin, record.organization_id, args.List("--resource"),
                                     ResourceUseOf(args));
      !status.ok()) {
    return status;
  }
  const auto written = admin.Write(
      record, {.not_found = "the service is gone", .exists = {}, .conflict = {}, .denied = {}});
  if (!written.ok()) return written.error();
  return PrintService(args, admin, secret);
}

Status Delete(const Args& args, Admin& admin) {
  const auto place = ServicePlaceOf(args, admin);
  if (!place.ok()) return place.error();
  const std::string& slug = place->service.slug;
  if (!args.Has("--yes")) {
    if (Status status = Confirm("Delete the service " + slug + "? Everybody is signed out of it.");
        !status.ok()) {
      return status;
    }
  }
  const records::DeleteService record{.record_id = admin.NewId<records::RecordId>(),
                                      .service_id = place->service.id,
                                      .organization_id = place->org.id,
                                      .deleted_at = admin.Now()};
  const auto written = admin.Write(
      record, {.not_found = "the service is gone already",
               .exists = {},
               .conflict = slug + " still has plans or subscriptions: delete those first",
               .denied = {}});
  if (!written.ok()) return written.error();
  admin.output().Done("deleted service " + slug, {{"deleted", slug}});
  return {};
}

void AddDetails(CLI::App& command) {
  AddText(command, "--name", "TEXT", "name for people; default: the slug");
  AddList(command, "--resource", "URI",
          "an API that its tokens may be asked for (RFC 8707); may stand several times");
  AddFlag(command, "--shared-resource",
          "another organization may have the same: each API looks at the token's org");
  AddText(command, "--jwks", "FILE",
          "public keys (JWKS) by which a confidential client authenticates, instead of a secret");
  AddNumber(command, "--access-token-lifetime", 0, oauth::kMaxAccessTokenLifetime.count(),
            "SECONDS", "of access tokens; 0: the server's setting");
  AddFlag(command, "--no-refresh-token", "device grants get no refresh token");
  AddText(command, "--default-scope", "SCOPES",
          "what a request that names no scope gets: \"openid email\"");
  AddText(command, "--allowed-scope", "SCOPES", "all that it may ask for; default: every scope");
  AddFlag(command, "--no-default-scope", "a request that names no scope gets none");
  AddFlag(command, "--all-scopes", "it may ask for every scope");
  AddExclusion(command, "--default-scope", "--no-default-scope");
  AddExclusion(command, "--allowed-scope", "--all-scopes");
}

void AddCreate(CLI::App& noun, Context& context) {
  CLI::App& command = AddCommand(
      noun, context,
      {"create", "add a service with its client",
       "latchkey service create --org acme --slug cli --name \"Acme CLI\" --client-id acme-cli\n"
       "latchkey service create --org acme --slug api --confidential\n"
       "latchkey service create --org acme --slug sync --jwks sync-keys.json\n"
       "latchkey service create --org acme --slug app --issuer login.acme.example"},
      &Create);
  AddOrgOption(command);
  AddRequired(command, "--slug", "SLUG", "short name in addresses and commands");
  AddText(command, "--client-id", "TEXT", "what the app sends; default: ORG-SLUG");
  AddText(command, "--issuer", "ISSUER",
          "who issues its tokens, for ever: platform (the public URL; default), organization (the "
          "public URL and /o/ORG), or a domain of the organization");
  AddFlag(command, "--confidential", "a client that keeps a secret (a server); it is printed once");
  AddDetails(command);
  AddFlag(command, "--sdk",
          "for the origin's SDK: access tokens live 24 h, and the default scope is email");
}

void AddUpdate(CLI::App& noun, Context& context) {
  CLI::App& command =
      AddCommand(noun, context,
                 {"update", "change a service or its client; what is not named stays",
                  "latchkey service update --org acme cli --name \"Acme CLI\"\n"
                  "latchkey service update --org acme cli --disable-client\n"
                  "latchkey service update --org acme api --new-secret"},
                 &Update);
  AddOrgOption(command);
  AddRequired(command, "--service,service", "SLUG", "");
  AddDetails(command);
  AddFlag(command, "--no-resources", "remove all of them");
  AddFlag(command, "--refresh-token", "device grants get a refresh token");
  AddFlag(command, "--disable-client", "its requests are refused");
  AddFlag(command, "--enable-client", "end that");
  AddFlag(command, "--new-secret",
          "draw a new client_secret and print it once; the former one, or keys, end");
  AddExclusion(command, "--disable-client", "--enable-client");
  AddExclusion(command, "--refresh-token", "--no-refresh-token");
  AddExclusion(command, "--resource", "--no-resources");
  AddExclusion(command, "--new-secret", "--jwks");
}

}  // namespace

void RegisterService(CLI::App& app, Context& context) {
  CLI::App& noun = AddNoun(app, {"service", "services of an organization, each with its client",
                                 "latchkey service list --org acme"});
  AddCreate(noun, context);
  AddOrgOption(AddCommand(
      noun, context,
      {"list", "all services of an organization", "latchkey service list --org acme"}, &List));
  CLI::App& show = AddCommand(
      noun, context, {"show", "one service", "latchkey service show --org acme cli"}, &Show);
  AddOrgOption(show);
  AddRequired(show, "--service,service", "SLUG", "");
  AddUpdate(noun, context);
  CLI::App& remove = AddCommand(
      noun, context,
      {"delete", "delete a service and its client", "latchkey service delete --org acme cli --yes"},
      &Delete);
  AddOrgOption(remove);
  AddRequired(remove, "--service,service", "SLUG", "");
  AddYes(remove);
}

}  // namespace ctl
