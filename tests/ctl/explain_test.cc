#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "ctl/explain/explanations.h"
#include "ctl/explain/log_line.h"
#include "ctl/explain/log_search.h"
#include "ctl/explain/story.h"
#include "shm/slots_testing.h"

namespace ctl {
namespace {

constexpr const char* kId = "0123456789abcdef0123456789abcdef";

TEST(AccessLine, IsTakenApart) {
  const auto line = ParseAccessLine(
      "2026-11-27T03:01:02+01:00 192.0.2.1 POST \"/oauth/token\" 503 host=id.example bytes=99 "
      "s=0.012 upstream_s=0.001, 0.010 request_id=0123456789abcdef0123456789abcdef "
      "error=SERVICE_UNAVAILABLE");
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(base::ToUnixSeconds(line->time), 1795744862);
  EXPECT_EQ(line->address, "192.0.2.1");
  EXPECT_EQ(line->path, "/oauth/token");
  EXPECT_EQ(line->status, 503);
  EXPECT_EQ(line->upstream_seconds, "0.001, 0.010");
  EXPECT_EQ(line->error, "SERVICE_UNAVAILABLE");
  EXPECT_TRUE(line->was_passed_on());
}

TEST(AccessLine, TellsNginxsOwnAnswerFromAPools) {
  const auto line = ParseAccessLine(
      "2026-11-27T03:01:02+00:00 192.0.2.1 GET \"/a b\" 404 host=h bytes=1 s=0.000 upstream_s=- "
      "request_id=0123456789abcdef0123456789abcdef error=-");
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->path, "/a b");
  EXPECT_EQ(line->error, "");
  EXPECT_FALSE(line->was_passed_on());
}

TEST(AccessLine, RefusesWhatIsNone) {
  for (const char* text :
       {"", "x", "2026-11-27T03:01:02+00:00", "2026-11-27T03:01:02+00:00 a GET / abc",
        "2026-11-27T03:01:02.000Z WARN writer slow_commit duration_ms=7"}) {
    EXPECT_FALSE(ParseAccessLine(text).has_value()) << text;
  }
}

TEST(EventLine, IsTakenApartWhateverStandsBefore) {
  const std::string event =
      "2026-11-27T03:01:02.345Z WARN api-2 slow_read duration_ms=120 path=\"/a \\\"b\\\\\"";
  for (const std::string& before : {std::string(), std::string("Nov 27 03:01:02 host T[1]: ")}) {
    const auto line = ParseEventLine(before + event);
    ASSERT_TRUE(line.has_value()) << before;
    EXPECT_EQ(base::ToUnixMillis(line->time) % 1000, 345);
    EXPECT_EQ(line->process, "api-2");
    EXPECT_EQ(line->event, "slow_read");
    EXPECT_EQ(line->Get("duration_ms"), "120");
    EXPECT_EQ(line->Get("path"), "/a \"b\\");
    EXPECT_TRUE(line->is_trouble());
  }
  EXPECT_FALSE(ParseEventLine("2026-11-27T03:01:02.345Z NEWS api-2 slow_read").has_value());
  EXPECT_FALSE(ParseEventLine("2026-11-27T03:01:02.345Z").has_value());
  EXPECT_FALSE(ParseEventLine("").has_value());
}

class Logs : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_.Path(name);
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  Story Tell(const std::vector<std::string>& files) {
    auto story = TellStory(settings_, kId, files);
    EXPECT_TRUE(story.ok()) << story.status().ToString();
    return story.ok() ? *story : Story{};
  }

  testing_shm::TempFolder folder_;
  base::Settings settings_;
};

TEST_F(Logs, AreReadFromTheEndAndNoFurtherThanTheBound) {
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += "line " + std::to_string(i) + "\n";  // some MB
  const std::string path = Write("log", text + "without its end");
  std::vector<std::string> first;
  ASSERT_TRUE(VisitLinesFromEnd(path, [&](std::string_view line) {
                first.emplace_back(line);
                return first.size() < 3;
              }).ok());
  EXPECT_EQ(first, (std::vector<std::string>{"without its end", "line 299999", "line 299998"}));
  std::size_t all = 0;
  ASSERT_TRUE(VisitLinesFromEnd(path, [&](std::string_view) { return ++all > 0; }).ok());
  EXPECT_EQ(all, 300'001U);
  std::size_t some = 0;
  ASSERT_TRUE(VisitLinesFromEnd(
                  path, [&](std::string_view) { return ++some > 0; }, 1000)
                  .ok());
  EXPECT_LT(some, 100U);
  EXPECT_GT(some, 50U);
}

TEST_F(Logs, ALineLongerThanAnyIsSkipped) {
  const std::string path = Write("log", "a\n" + std::string(3'000'000, 'x') + "\nb\n");
  std::vector<std::string> lines;
  ASSERT_TRUE(VisitLinesFromEnd(path, [&](std::string_view line) {
                lines.emplace_back(line);
                return true;
              }).ok());
  EXPECT_EQ(lines, (std::vector<std::string>{"b", "a"}));
}

TEST_F(Logs, TellWhyARequestFailedAndWhatElseHappened) {
  const std::string access = Write(
      "access.log",
      std::string("2026-11-27T03:01:02+00:00 192.0.2.1 POST \"/oauth/token\" 503 host=h bytes=99 "
                  "s=0.005 upstream_s=0.004 request_id=") +
          kId + " error=SERVICE_UNAVAILABLE\n");
  const std::string log =
      Write("latchkey.log",
            std::string("2026-11-27T02:00:00.000Z WARN writer slow_commit duration_ms=900\n"
                        "2026-11-27T03:01:01.000Z ERROR writer batch_failed reason=full\n"
                        "2026-11-27T03:01:01.500Z INFO writer state state=disk_full\n"
                        "2026-11-27T03:01:01.600Z WARN api-1 form_refused why=origin "
                        "request_id=ffffffffffffffffffffffffffffffff\n"
                        "2026-11-27T03:01:02.000Z WARN api-1 request_failed status=503 "
                        "reason=no_room_on_disk unlogged=0 request_id=") +
                kId + "\n");
  const Story story = Tell({access, log});
  ASSERT_TRUE(story.access.has_value());
  EXPECT_EQ(story.lines.size(), 2U);
  ASSERT_EQ(story.around.size(), 1U) << StoryText(story);
  EXPECT_NE(story.around[0].find("batch_failed"), std::string::npos);
  ASSERT_EQ(story.means.size(), 2U);
  EXPECT_EQ(story.means[0]->reason, "no_room_on_disk");
  EXPECT_EQ(story.means[1]->event, "batch_failed");
  const std::string text = StoryText(story);
  EXPECT_NE(text.find("503 SERVICE_UNAVAILABLE after 0.005 s"), std::string::npos) << text;
  EXPECT_NE(text.find("Make room on the disk"), std::string::npos);
}

TEST_F(Logs, AnErrorOfTheClientIsExplainedByItsWord) {
  const std::string access = Write(
      "access.log", std::string("2026-11-27T03:01:02+00:00 192.0.2.1 GET \"/api/user\" 401 host=h "
                                "bytes=99 s=0.001 upstream_s=0.001 request_id=") +
                        kId + " error=TOKEN_EXPIRED\n");
  const Story story = Tell({access});
  ASSERT_EQ(story.means.size(), 1U);
  EXPECT_EQ(story.means[0]->reason, "TOKEN_EXPIRED");
}

TEST_F(Logs, WhatNginxAnsweredAloneIsSaidToBeSo) {
  const std::string access = Write(
      "access.log", std::string("2026-11-27T03:01:02+00:00 192.0.2.1 GET \"/api/user\" 429 host=h "
                                "bytes=99 s=0.000 upstream_s=- request_id=") +
                        kId + " error=-\n");
  const Story story = Tell({access});
  ASSERT_EQ(story.means.size(), 1U);
  EXPECT_EQ(story.means[0]->event, "nginx");
  EXPECT_NE(StoryText(story).find("by nginx alone"), std::string::npos);
}

// The log that each is told to look at has a line of it: what a limit refuses nginx logs below "error".
TEST_F(Logs, AShedRequestIsToldFromOneThatNoChildTook) {
  const auto line = [](const std::string& status, const std::string& upstream) {
    return "2026-11-27T03:01:02+00:00 192.0.2.1 GET \"/api/user\" " + status +
           " host=h bytes=99 s=0.000 upstream_s=" + upstream + " request_id=" + kId + " error=-\n";
  };
  const Story shed = Tell({Write("shed", line("503", "-"))});
  ASSERT_EQ(shed.means.size(), 1U);
  EXPECT_EQ(shed.means[0]->reason, "503");
  EXPECT_NE(shed.means[0]->fix.find("error log has nothing"), std::string::npos);
  for (const char* upstream : {"0.000, 0.000", "15.001"}) {
    const Story in_vain = Tell({Write("in_vain", line("503", upstream))});
    ASSERT_EQ(in_vain.means.size(), 1U) << upstream;
    EXPECT_EQ(in_vain.means[0]->reason, "503 of the pool");
  }
  EXPECT_EQ(Tell({Write("own", line("500", "-"))}).means.at(0)->reason, "500");
}

TEST_F(Logs, ARefusalStandsForAThousand) {
  const std::string access = Write(
      "access.log", std::string("2026-11-27T03:01:02+00:00 192.0.2.1 GET \"/aaaa...\" 429 host=h "
                                "bytes=99 s=0.000 upstream_s=- request_id=") +
                        kId + " error=- one_of=1000\n");
  const Story story = Tell({access});
  EXPECT_EQ(story.access->one_of, "1000");
  EXPECT_EQ(story.access->error, "");
  EXPECT_NE(StoryText(story).find("one line for 1000 like it"), std::string::npos);
}

TEST_F(Logs, AnUnknownRequestOrALogThatIsNotThereIsAnError) {
  const std::string log = Write("log", "nothing\n");
  EXPECT_EQ(TellStory(settings_, kId, {log}).status().code(), base::Code::kNotFound);
  EXPECT_EQ(TellStory(settings_, kId, {folder_.Path("none")}).status().code(),
            base::Code::kInvalid);
  EXPECT_EQ(TellStory(settings_, kId, {"/dev/zero"}).status().code(), base::Code::kInvalid);
  EXPECT_EQ(TellStory(settings_, "../etc/passwd", {log}).status().code(), base::Code::kInvalid);
  EXPECT_EQ(TellStory(settings_, std::string(32, 'A'), {log}).status().code(),
            base::Code::kInvalid);
}

TEST_F(Logs, WhatAClientWroteCannotReachTheTerminal) {
  const std::string access = Write(
      "access.log", std::string("2026-11-27T03:01:02+00:00 192.0.2.1 GET \"/\x1b[2J\" 404 host=h "
                                "bytes=1 s=0.000 upstream_s=- request_id=") +
                        kId + " error=-\n");
  EXPECT_EQ(StoryText(Tell({access})).find('\x1b'), std::string::npos);
}

TEST(Explanations, EachSaysWhatToDo) {
  for (const Explanation& row : Explanations()) {
    EXPECT_FALSE(row.meaning.empty()) << row.event;
    EXPECT_FALSE(row.fix.empty()) << row.event;
    EXPECT_EQ(FindExplanation(row.event, row.reason), &row) << "twice: " << row.event;
  }
  EXPECT_EQ(FindExplanation("slow_commit", "any")->event, "slow_commit");
  EXPECT_EQ(FindExplanation("no_such_event", ""), nullptr);
}

}  // namespace
}  // namespace ctl
