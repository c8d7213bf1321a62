// `latchkey routes`: every address that is served (http/routes.h), for people, tests and tools/routes-page.
#include "http/routes.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <string_view>

#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/print/json.h"
#include "ctl/print/table.h"

namespace ctl {

namespace {

std::string_view WordOf(http::Kind kind) {
  switch (kind) {
    case http::Kind::kApi:
      return "api";
    case http::Kind::kDocument:
      return "document";
    case http::Kind::kPage:
      return "page";
    case http::Kind::kForm:
      return "form";
    case http::Kind::kAsset:
      return "asset";
    case http::Kind::kProbe:
      return "probe";
    case http::Kind::kMetrics:
      return "metrics";
  }
  return "";
}

std::string_view WordOf(http::Where where) {
  switch (where) {
    case http::Where::kEveryIssuer:
      return "every_issuer";
    case http::Where::kWellKnown:
      return "well_known";
    case http::Where::kEveryHost:
      return "every_host";
    case http::Where::kAnywhere:
      return "anywhere";
  }
  return "";
}

std::string_view WordOf(http::Pool pool) { return pool == http::Pool::kLogin ? "login" : "api"; }

JsonObject AsJson(const http::Route& route) {
  return {{"method", std::string(route.method)},
          {"path", std::string(route.path)},
          {"kind", std::string(WordOf(route.kind))},
          {"where", std::string(WordOf(route.where))},
          {"pool", std::string(WordOf(route.pool))},
          {"shed", std::string(route.shed == http::Shed::kFirst ? "first" : "last")},
          {"cors", route.readers == http::Readers::kAnyOrigin},
          {"secret_query", route.query == http::Query::kSecret},
          {"what", std::string(route.what)}};
}

base::Status PrintRoutes(const Args&, Context& context) {
  JsonArray objects;
  for (const http::Route& route : http::kRoutes) objects.emplace_back(AsJson(route));
  if (context.json()) {
    std::cout << ToText(objects);
    return {};
  }
  std::cout << TableText(objects,
                         {{"method", "METHOD"},
                          {"path", "PATH"},
                          {"kind", "KIND"},
                          {"where", "WHERE"},
                          {"pool", "POOL"},
                          {"shed", "SHED"},
                          {"what", "WHAT IT IS"}},
                         "");
  return {};
}

}  // namespace

void RegisterRoutes(CLI::App& app, Context& context) {
  AddCommand(
      app, context,
      {"routes", "show every address that is served", "latchkey routes\nlatchkey --json routes"},
      &PrintRoutes);
}

}  // namespace ctl
