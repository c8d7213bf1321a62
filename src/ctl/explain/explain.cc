// `latchkey explain`.
#include <fmt/format.h>

#include <iostream>

#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/explain/story.h"

namespace ctl {

namespace {

constexpr int kMostFiles = 16;

base::Status ListAll(const Context& context) {
  JsonArray rows;
  for (const Explanation& row : Explanations()) {
    rows.push_back(JsonObject{
        {"event", row.event}, {"reason", row.reason}, {"meaning", row.meaning}, {"fix", row.fix}});
    if (context.json()) continue;
    std::cout << fmt::format("{} {}\n  {}\n  -> {}\n", row.event, row.reason, row.meaning, row.fix);
  }
  if (context.json()) std::cout << ToText(Json(std::move(rows)));
  return {};
}

base::Status ExplainRequest(const Args& args, Context& context) {
  if (args.Has("--list")) return ListAll(context);
  if (!args.Has("request-id")) {
    return {base::Code::kInvalid, "which request? Its id is in X-Request-Id and on error pages"};
  }
  const auto files = args.List("file");
  const auto settings = files.empty() ? context.LoadAsOwner() : context.LoadSettings();
  if (!settings.ok()) return settings.error();
  const auto story = TellStory(*settings, args.Text("request-id"), files);
  if (!story.ok()) return story.error();
  std::cout << (context.json() ? ToText(Json(StoryJson(*story))) : StoryText(*story));
  return {};
}

}  // namespace

void RegisterExplain(CLI::App& app, Context& context) {
  CLI::App& command = AddCommand(
      app, context,
      {"explain", "what became of a request, from the logs: what happened, and what to do about it",
       "latchkey explain 0123456789abcdef0123456789abcdef\n"
       "journalctl -u 'latchkey*' -o cat | latchkey explain "
       "0123456789abcdef0123456789abcdef /var/log/latchkey/access.log -\n"
       "latchkey explain --list"},
      &ExplainRequest);
  AddText(command, "request-id", "ID",
          "32 hex digits, from X-Request-Id, a page or the access log");
  AddList(command, "file", "FILE",
          "logs to read, - for standard input; default: those of the data");
  AddMost(command, "file", kMostFiles);
  AddFlag(command, "--list", "every event, refusal and error, with what it means");
}

}  // namespace ctl
