#include "ctl/setup/demo_text.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "ctl/files/data_folder.h"

namespace ctl {

namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Who the reader is outside of sudo.
std::string UserName() {
  for (const char* name : {"SUDO_USER", "USER"}) {
    if (std::string user = Environment(name); !user.empty()) return user;
  }
  const passwd* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? "USER" : entry->pw_name;
}

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// As a shell takes it back.
std::string Quoted(const std::string& path) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-@%:,";
  if (path.find_first_not_of(kPlain) == std::string::npos) return path;
  std::string quoted = "'";
  for (const char c : path) c == '\'' ? quoted += "'\\''" : quoted += c;
  return quoted + "'";
}

// From `make run` the data folder is the default one and need not be named.
std::string CommandWithData(const DemoPlace& place) {
  const std::string command = Quoted(place.command);
  return place.data_dir == "var" ? command : command + " --data " + Quoted(place.data_dir);
}

std::string SshText(const DemoPlace& place) {
  if (place.ssh_target.empty()) return {};
  return fmt::format(
      "\nYou came over SSH. To open the page on your own machine, run there first:\n"
      "  ssh -L {0}:127.0.0.1:{0} {1}\n",
      place.port, place.ssh_target);
}

}  // namespace

std::string SshTarget(const std::string& ssh_connection, const std::string& user) {
  const auto words = Words(ssh_connection);
  if (words.size() != 4) return {};
  const std::string& host = words[2];
  const std::string& port = words[3];
  const std::string target = user + "@" + host;
  return port == "22" ? target : "-p " + port + " " + target;
}

DemoPlace PlaceOfDemo(const base::Settings& settings) {
  return {.url = settings.public_url,
          .port = settings.port,
          .command = CommandText(),
          .data_dir = ShortPath(settings.data_dir),
          .ssh_target = SshTarget(Environment("SSH_CONNECTION"), UserName())};
}

std::string AddressText(const DemoPlace& place) {
  return fmt::format("Latchkey runs at {}\n{}", place.url, SshText(place));
}

std::string WelcomeText(const DemoEnv& env, const DemoPlace& place) {
  const std::string command = CommandWithData(place);
  const std::size_t width = std::max(env.email.size(), env.owner_email.size());
  return fmt::format(
      "\nLatchkey runs at {url}\n"
      "\n"
      "  user of {org:<9} {email:<{width}}  {password}\n"
      "  platform owner    {owner:<{width}}  {owner_password}\n"
      "  (kept in {data}/demo.env)\n"
      "\n"
      "Try next, in a second terminal:\n"
      "\n"
      "  {command} login\n"
      "      signs this terminal in: approve it in a browser as {email}\n"
      "  {command} user list --org {org}\n"
      "      who may sign in; `service list` shows to what\n"
      "  {command} status\n"
      "      processes, queue, commit times\n"
      "{ssh}",
      fmt::arg("url", place.url), fmt::arg("org", env.org), fmt::arg("email", env.email),
      fmt::arg("password", env.password), fmt::arg("owner", env.owner_email),
      fmt::arg("owner_password", env.owner_password), fmt::arg("width", width),
      fmt::arg("data", place.data_dir), fmt::arg("command", command),
      fmt::arg("ssh", SshText(place)));
}

JsonObject ToJson(const DemoEnv& env) {
  return {{"LATCHKEY_URL", env.url},        {"DEMO_ORG", env.org},
          {"DEMO_SERVICE", env.service},    {"DEMO_CLIENT_ID", env.client_id},
          {"DEMO_EMAIL", env.email},        {"DEMO_PASSWORD", env.password},
          {"OWNER_EMAIL", env.owner_email}, {"OWNER_PASSWORD", env.owner_password}};
}

}  // namespace ctl
