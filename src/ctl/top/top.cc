// `latchkey top`.
#include <poll.h>

#include <iostream>

#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/top/terminal.h"
#include "ctl/top/top_view.h"

namespace ctl {

namespace {

constexpr std::int64_t kLongestInterval = 60;

base::Status NoServer(const base::Settings& settings, const base::Status& status) {
  if (status.code() != base::Code::kNotFound) return status;
  return {base::Code::kUnavailable, "nothing has counted in " + settings.run_dir +
                                        ": does a server run on this data? --data names another"};
}

// One look, without a terminal.
base::Status ShowOnce(const base::Settings& settings, base::milliseconds interval,
                      const Context& context) {
  const auto before = TakeTopSample(settings);
  if (!before.ok()) return NoServer(settings, before.error());
  ::poll(nullptr, 0, static_cast<int>(interval.count()));
  const auto after = TakeTopSample(settings);
  if (!after.ok()) return NoServer(settings, after.error());
  const TopView view = CompareSamples(*before, *after);
  std::cout << (context.json() ? ToText(Json(TopJson(view)))
                               : TopText(view, settings.public_url, 0, 0));
  return {};
}

base::Status ShowLive(const base::Settings& settings, base::milliseconds interval) {
  auto before = TakeTopSample(settings);
  if (!before.ok()) return NoServer(settings, before.error());
  auto terminal = Terminal::Open();
  if (!terminal.ok()) return terminal.error();
  (*terminal)->Show(settings.public_url + "  (q quits)\n");
  while (!(*terminal)->WaitForQuit(interval)) {
    auto after = TakeTopSample(settings);
    if (!after.ok()) return NoServer(settings, after.error());
    const Terminal::Size size = (*terminal)->size();
    (*terminal)->Show(TopText(CompareSamples(*before, *after), settings.public_url + "  (q quits)",
                              size.rows, size.columns));
    before = std::move(after);
  }
  return {};
}

base::Status Top(const Args& args, Context& context) {
  const auto settings = context.LoadServedSettings();
  if (!settings.ok()) return settings.error();
  const base::seconds interval(args.Number("--interval", 1));
  const bool is_once = args.Has("--once") || context.json() || !Terminal::IsThere();
  return is_once ? ShowOnce(*settings, interval, context) : ShowLive(*settings, interval);
}

}  // namespace

void RegisterTop(CLI::App& app, Context& context) {
  CLI::App& command = AddCommand(
      app, context,
      {"top", "what is asked, how long it takes, queue, commits, CPU and memory, live; q quits",
       "latchkey top\nlatchkey top --once\nlatchkey --json top --interval 10"},
      &Top);
  AddFlag(command, "--once",
          "one look, then end; so it does where no terminal is, and with --json");
  AddNumber(command, "--interval", 1, kLongestInterval, "SECONDS", "between two looks; default: 1");
}

}  // namespace ctl
