#include "ctl/explain/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iostream>

#include "base/rfc3339.h"
#include "ctl/explain/log_search.h"
#include "ctl/print/text.h"
#include "ctl/run/nginx_config.h"

namespace ctl {

namespace {

constexpr std::size_t kRequestIdDigits = 32;
constexpr std::size_t kMostLines = 50;   // that name the request
constexpr std::size_t kMostAround = 10;  // of the rest
constexpr std::size_t kMostKept = 5000;  // of standard input, which is read but once
constexpr base::seconds kBefore{10}, kAfter{2};

bool IsRequestId(const std::string& text) {
  return text.size() == kRequestIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::vector<std::string> OwnLogs(const base::Settings& settings) {
  const std::string access = AccessLogPath(settings);
  const std::string log = settings.data_dir + "/log/latchkey.log";
  return {access, access + ".1", log, log + ".1"};
}

// Reads each file, latest line first; standard input as it comes.
base::Status VisitAll(const std::vector<std::string>& files, bool must_be_there,
                      const LineVisitor& visit) {
  for (const std::string& file : files) {
    if (file == "-") {
      VisitLines(std::cin, visit);
      continue;
    }
    const base::Status status = VisitLinesFromEnd(file, visit);
    const bool is_missing = status.code() == base::Code::kNotFound && !must_be_there;
    if (!status.ok() && !is_missing) return {base::Code::kInvalid, status.message()};
  }
  return {};
}

// ---- what a line means ----

void Explain(std::string_view event, const std::string& reason, Story* story) {
  const Explanation* const row = FindExplanation(event, reason);
  if (row == nullptr || std::ranges::find(story->means, row) != story->means.end()) return;
  story->means.push_back(row);
}

void ExplainEvent(const EventLine& line, Story* story) {
  const std::string why = line.Get("why");
  Explain(line.event, why.empty() ? line.Get("reason") : why, story);
}

void ExplainAccess(const AccessLine& line, Story* story) {
  if (line.status < 400) return;
  if (!line.was_passed_on() || line.error.empty()) {
    const bool was_in_vain = line.status == 503 && line.was_passed_on();
    Explain("nginx", was_in_vain ? "503 of the pool" : std::to_string(line.status), story);
  } else if (story->means.empty()) {  // what the child itself said is nearer
    Explain("answer", line.error, story);
  }
}

// ---- gathering ----

void Note(std::string_view line, Story* story) {
  if (const auto access = ParseAccessLine(line)) {
    story->access = *access;
  } else if (const auto event = ParseEventLine(line)) {
    ExplainEvent(*event, story);
  }
  if (story->lines.size() < kMostLines) story->lines.emplace_back(line);
}

base::Time TimeOf(const Story& story) {
  for (const std::string& line : story.lines) {
    if (const auto event = ParseEventLine(line)) return event->time;
  }
  return story.access ? story.access->time : base::Time();
}

// Trouble of the server's own near the request: a writer that was lost explains many of them.
void NoteAround(const EventLine& event, std::string_view line, Story* story) {
  if (!event.is_trouble() || story->around.size() >= kMostAround) return;
  if (!event.Get("request_id").empty()) return;  // another request's
  story->around.emplace_back(line);
  ExplainEvent(event, story);
}

// false: the line is older than what is looked for, or of a log of another kind.
bool NoteIfAround(std::string_view line, base::Time time, Story* story) {
  const auto event = ParseEventLine(line);
  if (!event) return !ParseAccessLine(line).has_value();
  if (event->time + kBefore < time) return false;
  if (event->time < time + kAfter && line.find(story->request_id) == std::string_view::npos) {
    NoteAround(*event, line, story);
  }
  return true;
}

void GatherAround(const std::deque<std::string>& kept, Story* story) {
  const base::Time time = TimeOf(*story);
  std::vector<std::string> files = story->searched;
  std::erase(files, "-");  // is read: what may matter of it was kept
  for (auto line = kept.rbegin(); line != kept.rend(); ++line) NoteIfAround(*line, time, story);
  // They were read once already; one that is gone since then is no loss.
  (void)VisitAll(files, false,
                 [&](std::string_view line) { return NoteIfAround(line, time, story); });
  std::ranges::reverse(story->around);
}

bool IsFailure(const Story& story) {
  return !story.access || story.access->status >= 500 || story.access->status == 499;
}

std::string AccessText(const AccessLine& line) {
  std::string text =
      fmt::format("{}  {} {} from {} at {}: {}{}{} after {} s", base::Rfc3339(line.time),
                  line.method, line.path, line.address, line.host, line.status,
                  line.error.empty() ? "" : " ", line.error, line.seconds);
  if (!line.one_of.empty()) text += " (one line for " + line.one_of + " like it)";
  if (!line.was_passed_on()) return text + ", by nginx alone";
  text += ", " + line.upstream_seconds + " s of it in the pool";
  if (line.upstream_seconds.find(',') != std::string::npos)
    text += " (sent again to the next child)";
  return text;
}

void AppendLines(std::string_view heading, const std::vector<std::string>& lines,
                 std::string* text) {
  if (lines.empty()) return;
  text->append("\n").append(heading).append("\n");
  for (const std::string& line : lines) text->append("  ").append(Printable(line)).append("\n");
}

}  // namespace

base::Result<Story> TellStory(const base::Settings& settings, const std::string& request_id,
                              const std::vector<std::string>& files) {
  if (!IsRequestId(request_id)) {
    return base::Status(base::Code::kInvalid,
                        request_id + " is no request id: it has 32 hex digits, as in X-Request-Id");
  }
  Story story;
  story.request_id = request_id;
  story.searched = files.empty() ? OwnLogs(settings) : files;
  std::deque<std::string> kept;
  const bool reads_input = std::ranges::find(files, "-") != files.end();
  const base::Status status = VisitAll(story.searched, !files.empty(), [&](std::string_view line) {
    if (line.find(request_id) != std::string_view::npos) {
      Note(line, &story);
    } else if (reads_input && line.find(" INFO ") == std::string_view::npos) {
      kept.emplace_back(line);
      if (kept.size() > kMostKept) kept.pop_front();
    }
    return true;
  });
  if (!status.ok()) return status;
  if (story.lines.empty()) {
    return base::Status(
        base::Code::kNotFound,
        "no line names " + request_id + " in the last 256 MB of " + JoinLines(story.searched) +
            "\nnginx writes its log within a second, and of what a limit refused (429) one line of "
            "1,000; where systemd keeps the logs: journalctl -u "
            "'latchkey*' -o cat | latchkey explain " +
            request_id + " /var/log/nginx/access.log -");
  }
  std::ranges::sort(story.lines, [](const std::string& a, const std::string& b) {
    const auto time = [](const std::string& line) {
      const auto event = ParseEventLine(line);
      return event ? event->time : base::Time::max();  // nginx's line is the last
    };
    return time(a) < time(b);
  });
  if (IsFailure(story)) GatherAround(kept, &story);
  if (story.access) ExplainAccess(*story.access, &story);
  return story;
}

std::string StoryText(const Story& story) {
  std::string text = "request " + story.request_id + "\n";
  if (story.access) text += Printable(AccessText(*story.access)) + "\n";
  if (story.means.empty() && story.access && story.access->status < 400) {
    text += "\nIt went well.\n";
  }
  for (const Explanation* row : story.means) {
    text += fmt::format("\n{}{}{}\n  {}\n  -> {}\n", row->event, row->reason.empty() ? "" : " ",
                        row->reason, row->meaning, row->fix);
  }
  AppendLines("lines that name it:", story.lines, &text);
  AppendLines("what else was logged in those seconds:", story.around, &text);
  return text;
}

JsonObject StoryJson(const Story& story) {
  JsonArray means;
  for (const Explanation* row : story.means) {
    means.push_back(JsonObject{{"event", row->event},
                               {"reason", row->reason},
                               {"meaning", row->meaning},
                               {"fix", row->fix}});
  }
  Json access;
  if (story.access) {
    const AccessLine& line = *story.access;
    access = JsonObject{{"time", base::Rfc3339(line.time)},
                        {"address", line.address},
                        {"method", line.method},
                        {"path", line.path},
                        {"host", line.host},
                        {"status", static_cast<std::int64_t>(line.status)},
                        {"seconds", line.seconds},
                        {"upstream_seconds", line.upstream_seconds},
                        {"error", line.error},
                        {"one_of", line.one_of}};
  }
  return {{"request_id", story.request_id},
          {"request", std::move(access)},
          {"explanations", std::move(means)},
          {"lines", Json::List(story.lines)},
          {"around", Json::List(story.around)}};
}

}  // namespace ctl
