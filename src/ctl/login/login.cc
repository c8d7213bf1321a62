// `latchkey login`: a real device-flow client for the terminal.
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/files/demo_env.h"
#include "ctl/login/device_login.h"
#include "ctl/login/login_text.h"
#include "ctl/print/text.h"
#include "oauth/scope.h"

namespace ctl {

namespace {

using base::Result;
using base::Status;

// The administrators' own client, made by `latchkey init`.
constexpr std::string_view kDefaultClientId = "platform-admin-cli";

// Where to sign in, and as which app.
struct Target {
  std::string url;
  LoginClient client;
};

// Nothing is half done when a person gives up waiting: the code dies by itself.
extern "C" void EndQuietly(int) {
  const char newline = '\n';
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, &newline, 1);
  ::_exit(128 + SIGINT);
}

// What is not given comes from the demo beside the settings, else from the settings.
Status FillFromData(const Context& context, Target* target) {
  const auto settings = context.LoadServedSettings();
  if (!settings.ok()) return settings.error();
  const auto demo = ReadDemoEnv(DemoEnvPath(settings->data_dir));
  const bool demo_is_meant = demo.ok() && (target->url.empty() || target->url == demo->url);
  if (target->url.empty()) target->url = demo.ok() ? demo->url : settings->public_url;
  if (target->client.client_id.empty()) {
    target->client.client_id = demo_is_meant ? demo->client_id : kDefaultClientId;
  }
  return {};
}

Result<Target> TargetOf(const Args& args, const Context& context) {
  Target target{
      .url = {},
      .client = {.client_id = args.Text("--client-id"),
                 .org = args.Text("--org"),
                 .service = args.Text("--service"),
                 .scope = args.OptionalText("--scope").value_or(std::string(oauth::kEmailScope))}};
  if (args.Has("--url")) {
    auto url = NormalizePublicUrl(args.Text("--url"));
    if (!url.ok()) return url.error();
    target.url = std::move(*url);
  }
  if (target.url.empty() || target.client.client_id.empty()) {
    if (Status status = FillFromData(context, &target); !status.ok()) return status;
  }
  if (Status status = CheckClientId(target.client.client_id); !status.ok()) return status;
  return target;
}

QrChoice QrChoiceOf(const Args& args) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  if (args.Has("--qr")) return {.wanted = true, .colours = terminal, .columns = 1000};
  winsize size{};
  const bool known = terminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  return {.wanted = known && !args.Has("--no-qr"), .colours = true, .columns = size.ws_col};
}

Status SignIn(const Target& target, const QrChoice& qr, bool json) {
  CurlClient http;
  SystemWaiter waiter;
  const base::SystemClock clock;
  DeviceLogin login(http, waiter, clock);
  const auto endpoints = login.Discover(target.url);
  if (!endpoints.ok()) return endpoints.error();
  const auto authorization = login.Start(*endpoints, target.client);
  if (!authorization.ok()) return authorization.error();
  std::cerr << InstructionsText(*authorization, qr) << "Waiting (Ctrl-C gives up) ...\n"
            << std::flush;
  const auto tokens = login.Poll(*endpoints, target.client, *authorization);
  if (!tokens.ok()) return tokens.error();
  const auto user = login.GetJson(target.url + "/api/user", tokens->access_token);
  if (!user.ok()) return user.error();
  const auto subscription = login.GetJson(target.url + "/api/subscription", tokens->access_token);
  if (!subscription.ok()) return subscription.error();
  std::cout << (json ? ToText(Json(SignedInJson(*user, *subscription, *tokens)))
                     : "\n" + SignedInText(*user, *subscription, *tokens));
  return {};
}

Status Login(const Args& args, Context& context) {
  const auto target = TargetOf(args, context);
  if (!target.ok()) return target.error();
  std::signal(SIGINT, &EndQuietly);
  return SignIn(*target, QrChoiceOf(args), context.json());
}

}  // namespace

void RegisterLogin(CLI::App& app, Context& context) {
  CLI::App& command =
      AddCommand(app, context,
                 {"login", "sign this terminal in by the device flow (RFC 8628) and show who it is",
                  "latchkey login\n"
                  "latchkey login --url https://login.example.com --client-id acme-cli\n"
                  "latchkey --json login --no-qr > tokens.json"},
                 &Login);
  AddText(command, "--url", "URL", "the server; default: the demo's, else the setting public_url");
  AddText(command, "--client-id", "TEXT",
          "as which app; default: the demo's, else platform-admin-cli");
  AddText(command, "--org", "SLUG", "the app's organization, where it sends one");
  AddText(command, "--service", "SLUG", "the app's service, where it sends one");
  AddText(command, "--scope", "TEXT",
          "scopes to ask for, with blanks between; default: email, for the address that it prints");
  AddFlag(command, "--qr", "draw the QR code even where no terminal is seen");
  AddFlag(command, "--no-qr", "draw none");
  AddExclusion(command, "--qr", "--no-qr");
}

}  // namespace ctl
