#include "ctl/status/process_info.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace ctl {
namespace {

TEST(ParseStat, ReadsANameWithBlanksAndBrackets) {
  const auto process = ParseStat(
      "42 (evil) S (name) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1\n", 100);
  ASSERT_TRUE(process.has_value());
  EXPECT_EQ(process->pid, 42);
  EXPECT_EQ(process->parent, 7);
  EXPECT_EQ(process->state, 'S');
  EXPECT_EQ(process->name, "evil) S (name");
  EXPECT_EQ(process->started, base::seconds(123));
}

TEST(ParseStat, RefusesWhatIsCutShort) {
  for (const char* line :
       {"", "42", "42 (x", "42 (x) S 1 2 3", "x (x) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 9"}) {
    EXPECT_FALSE(ParseStat(line, 100).has_value()) << line;
  }
}

TEST(ParsePss, TakesThatLineAlone) {
  EXPECT_EQ(ParsePss("5a-5b ---p 0 [rollup]\nRss:  900 kB\nPss:  123 kB\nPss_Anon: 7 kB\n"),
            123u * 1024);
  EXPECT_FALSE(ParsePss("Rss: 1 kB\n").has_value());
  EXPECT_FALSE(ParsePss("Pss: many kB\n").has_value());
}

TEST(WithDescendants, FollowsTheTree) {
  const std::vector<ProcessInfo> all{{.pid = 1, .parent = 0, .name = ""},
                                     {.pid = 5, .parent = 1, .name = ""},
                                     {.pid = 6, .parent = 5, .name = ""},
                                     {.pid = 7, .parent = 6, .name = ""},
                                     {.pid = 8, .parent = 1, .name = ""}};
  const auto family = WithDescendants(all, 5);
  ASSERT_EQ(family.size(), 3u);
  EXPECT_EQ(family[0].pid, 5);
  EXPECT_EQ(family[2].pid, 7);
  EXPECT_TRUE(WithDescendants(all, 99).empty());
}

TEST(ListProcesses, FindsThisOneWithItsMemory) {
  const auto family = WithDescendants(ListProcesses(), ::getpid());
  ASSERT_FALSE(family.empty());
  EXPECT_EQ(family[0].parent, ::getppid());
  const auto pss = ReadPss(::getpid());
  ASSERT_TRUE(pss.has_value());
  EXPECT_GT(*pss, 100'000u);
}

TEST(ReadPidFile, WantsANumber) {
  const std::string path = "/tmp/latchkey-pid-" + std::to_string(::getpid());
  EXPECT_FALSE(ReadPidFile(path).has_value());
  std::ofstream(path) << "123\n";
  EXPECT_EQ(ReadPidFile(path), 123);
  std::ofstream(path) << "-5\n";
  EXPECT_FALSE(ReadPidFile(path).has_value());
  std::ofstream(path) << "12x\n";
  EXPECT_FALSE(ReadPidFile(path).has_value());
  ::unlink(path.c_str());
}

TEST(ReadPids, TakesTheNumbersOfAControlGroup) {
  const std::string path = "/tmp/latchkey-pids-" + std::to_string(::getpid());
  EXPECT_TRUE(ReadPids(path).empty());
  std::ofstream(path) << "17\n4\nx\n";
  EXPECT_EQ(ReadPids(path), (std::set<pid_t>{4, 17}));
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace ctl
