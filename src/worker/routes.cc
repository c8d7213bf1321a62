#include "worker/routes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "domain/issuer.h"
#include "http/errors.h"
#include "http/routes.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/page_reply.h"

namespace worker {

namespace {

using http::Kind;
using http::kRoutes;
using http::Route;
using http::Where;

constexpr const Handles* FindHandles(const Route& route) {
  for (const Handles& handles : kHandlers) {
    if (handles.method == route.method && handles.path == route.path) return &handles;
  }
  return nullptr;
}

static_assert(std::ranges::all_of(kRoutes,
                                  [](const Route& route) { return FindHandles(route) != nullptr; }),
              "a route of http/routes.h has no handler in worker/handlers/handlers.h");
static_assert(kHandlers.size() == kRoutes.size(), "a handler has no route in http/routes.h");

// So a form is never answered without its checks.
constexpr bool HandlerFits(const Route& route) {
  const Handler& handler = FindHandles(route)->handler;
  switch (route.kind) {
    case Kind::kApi:
    case Kind::kDocument:
    case Kind::kProbe:
      return std::holds_alternative<ProgramHandler>(handler);
    case Kind::kAsset:
    case Kind::kMetrics:
      return std::holds_alternative<PlainHandler>(handler);
    case Kind::kPage:
      return std::holds_alternative<PageHandler>(handler);
    case Kind::kForm:
      return std::holds_alternative<FormHandler>(handler);
  }
  return false;
}
static_assert(std::ranges::all_of(kRoutes, HandlerFits), "a handler is for another kind of route");

// In the order of kRoutes.
constexpr auto kHandlerOf = [] {
  std::array<Handler, kRoutes.size()> handlers{};
  std::ranges::transform(kRoutes, handlers.begin(),
                         [](const Route& route) { return FindHandles(route)->handler; });
  return handlers;
}();

bool MethodMatches(std::string_view method, std::string_view route_method) {
  return method == route_method || (method == "HEAD" && route_method == "GET");
}

http::Outcome WithErrorsAsJson(Outcome&& outcome, const App& app) {
  return domain::Map(std::move(outcome), [&clock = app.ports.clock](Answer&& answer) {
    return answer.ok() ? std::move(*answer) : http::ErrorResponse(answer.error(), clock.Now());
  });
}

http::Outcome WithErrorsAsPages(Outcome&& outcome, const http::Request& request) {
  return domain::Map(
      std::move(outcome), [request_id = std::string(request.request_id_text)](Answer&& answer) {
        return answer.ok() ? std::move(*answer) : ErrorPageResponse(answer.error(), request_id);
      });
}

// A handler gets what the kind of its route has read and checked, and the error that it gives back is rendered by it.
struct Caller {
  const Route& route;
  const http::Request& request;
  const App& app;

  http::Outcome operator()(ProgramHandler handle) const {
    return WithErrorsAsJson(handle(request, app), app);
  }
  http::Outcome operator()(PlainHandler handle) const { return handle(request, app); }
  http::Outcome operator()(const PageHandler& page) const {
    return WithErrorsAsPages(page.Run(request, route.query, app), request);
  }
  http::Outcome operator()(const FormHandler& form) const {
    return WithErrorsAsPages(form.Run(request, app), request);
  }
};

http::Outcome Call(const Route& route, const http::Request& request, const App& app) {
  const auto index = static_cast<std::size_t>(&route - kRoutes.data());
  if (app.counters != nullptr) app.counters->NoteRoute(index + 1);
  return std::visit(Caller{.route = route, .request = request, .app = app}, kHandlerOf[index]);
}

// What of the table is there for a request.
bool IsServed(const Route& route, std::string_view issuer) {
  return http::IsAtEveryIssuer(route) || !issuer.starts_with(http::kIssuerFolder);
}

std::string AllowedMethods(std::string_view path, std::string_view issuer) {
  std::string allow;
  for (const Route& route : kRoutes) {
    if (route.path != path || !IsServed(route, issuer)) continue;
    if (!allow.empty()) allow.append(", ");
    allow.append(route.method);
  }
  return allow;
}

// Only what nobody serves depends on who asks: a page for whoever would rather have one.
bool WantsPage(const http::Request& request) {
  const domain::Location location = domain::LocationByPath(request.path);
  const std::string_view issuer = request.issuer.empty() ? location.issuer : request.issuer;
  for (const Route& route : kRoutes) {
    if (route.path == location.path && IsServed(route, issuer)) return http::IsForPeople(route);
  }
  if (issuer.starts_with(http::kIssuerFolder) || http::IsInProgramFolder(location.path))
    return false;
  return request.accept.find("text/html") != std::string_view::npos;
}

// No such address, or not by this method.
http::Response Unserved(const http::Request& request, const App& app) {
  const std::string allow = AllowedMethods(request.path, request.issuer);
  if (WantsPage(request)) {
    return allow.empty() ? PageNotFound(request) : PageMethodNotAllowed(allow, request);
  }
  const base::Time now = app.ports.clock.Now();
  return allow.empty() ? http::NotFound(now) : http::MethodNotAllowed(allow, now);
}

std::string* RetryAfterOf(http::Response* response) {
  for (auto& [name, value] : response->headers) {
    if (name == "Retry-After") return &value;
  }
  return nullptr;
}

// At a host nobody registered, or while it cannot be looked up.
http::Outcome DispatchAnywhere(const http::Request& request, const domain::Error& error,
                               const App& app) {
  for (const Route& route : kRoutes) {
    if (route.where == Where::kAnywhere && route.path == request.path &&
        MethodMatches(request.method, route.method)) {
      return Call(route, request, app);
    }
  }
  if (WantsPage(request)) return ErrorPageResponse(error, request.request_id_text);
  return http::ErrorResponse(error, app.ports.clock.Now());
}

}  // namespace

std::vector<std::string> RouteNames() {
  std::vector<std::string> names{"other"};
  for (const Route& route : kRoutes) {
    names.push_back(std::string(route.method) + " " + std::string(route.path));
  }
  return names;
}

http::Response Refused(const http::Request& request, http::Response response) {
  if (!WantsPage(request)) return response;
  http::Response page = PageRefused(response.status, request);
  std::string* const pages_own = RetryAfterOf(&page);
  const std::string* const said = RetryAfterOf(&response);
  if (pages_own != nullptr && said != nullptr) *pages_own = *said;
  return page;
}

http::Outcome Dispatch(const http::Request& asked, const App& app) {
  const auto location = domain::FindLocation(asked.host, asked.path, app.ports);
  if (!location.ok()) return DispatchAnywhere(asked, location.error(), app);
  http::Request request = asked;
  request.path = location->path;
  request.issuer = location->issuer;
  for (const Route& route : kRoutes) {
    if (route.path == request.path && MethodMatches(request.method, route.method) &&
        IsServed(route, request.issuer)) {
      return Call(route, request, app);
    }
  }
  return Unserved(request, app);
}

}  // namespace worker
