#include "limits/shared_table.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "limits/limits_testing.h"

namespace {

using base::Code;
using limits::SharedTables;
using testing_limits::DeviceCode;
using testing_limits::Gate;
using testing_limits::RunInProcesses;
using testing_limits::seconds;

class SharedTablesFile : public testing::Test {
 protected:
  // The table, or null and a failure.
  std::unique_ptr<SharedTables> Open(const std::string& boot_id = "this boot") const {
    auto tables = SharedTables::OpenForBoot(path_, boot_id);
    EXPECT_TRUE(tables.ok()) << tables.status().ToString();
    return tables.ok() ? std::move(*tables) : nullptr;
  }
  bool IsFirstPoll(SharedTables& tables) const {
    return !tables.polls().Poll(DeviceCode(1), seconds(5), seconds(100)).too_fast;
  }
  void WriteWord(std::streamoff index, std::uint64_t value) const {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(index * 8);
    file.write(reinterpret_cast<const char*>(&value), sizeof value);
    ASSERT_TRUE(file.good());
  }

  testing_limits::TempFolder folder_;
  std::string path_ = folder_.Path("limits");
};

TEST_F(SharedTablesFile, KeepsItsEntriesOverARestart) {
  {
    const auto tables = Open();
    EXPECT_TRUE(IsFirstPoll(*tables));
    EXPECT_TRUE(tables->guesses().Take(7, 1, seconds(60), seconds(100)));
  }
  const auto tables = Open();
  EXPECT_FALSE(IsFirstPoll(*tables));
  EXPECT_FALSE(tables->guesses().Take(7, 1, seconds(60), seconds(101)));
  EXPECT_EQ(tables->guesses().Count(7, seconds(101)), 1U);
}

TEST_F(SharedTablesFile, CountsEachPurposeInASectionOfItsOwn) {
  const auto tables = Open();
  for (oauth::RateLimits* section : {&tables->guesses(), &tables->quotas(), &tables->used_jtis()}) {
    EXPECT_EQ(section->Count(7, seconds(100)), 0U);
    EXPECT_TRUE(section->Take(7, 1, seconds(60), seconds(100)));
    EXPECT_FALSE(section->Take(7, 1, seconds(60), seconds(100)));
  }
}

TEST_F(SharedTablesFile, IsOneTableForAllWhoOpenIt) {
  const auto mine = Open();
  const auto yours = Open();
  EXPECT_TRUE(IsFirstPoll(*mine));
  EXPECT_FALSE(IsFirstPoll(*yours));
  EXPECT_TRUE(yours->guesses().Take(7, 1, seconds(60), seconds(100)));
  EXPECT_FALSE(mine->guesses().Take(7, 1, seconds(60), seconds(100)));
}

TEST_F(SharedTablesFile, OneOfAReleaseWithoutCountersGetsThem) {
  { EXPECT_TRUE(IsFirstPoll(*Open())); }
  constexpr std::uintmax_t kFourSections = 4096 + 4 * (std::uintmax_t{1} << 21U);
  std::filesystem::resize_file(path_, kFourSections);
  WriteWord(10, 0);
  WriteWord(11, 0);
  {
    const auto tables = Open();
    EXPECT_FALSE(IsFirstPoll(*tables)) << "what was there stays";
    tables->counters()[5] = 7;
  }
  EXPECT_EQ(Open()->counters()[5], 7U);
  const auto file = limits::CounterFile::Open(path_);
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  EXPECT_EQ(file->counters()[5], 7U);
}

TEST_F(SharedTablesFile, CountersOfAnythingElseAreNotRead) {
  { Open(); }
  WriteWord(1, 99);
  EXPECT_EQ(limits::CounterFile::Open(path_).status().code(), Code::kCorrupt);
  WriteWord(1, limits::kTableLayoutVersion);
  WriteWord(10, 0);
  EXPECT_EQ(limits::CounterFile::Open(path_).status().code(), Code::kCorrupt);
}

TEST_F(SharedTablesFile, ShowsNothingOfAnotherBoot) {
  const auto before = Open("one boot");
  EXPECT_TRUE(IsFirstPoll(*before));
  EXPECT_TRUE(before->guesses().Take(7, 1, seconds(60), seconds(100)));
  const auto after = Open("the next boot");
  EXPECT_TRUE(IsFirstPoll(*after));
  EXPECT_TRUE(after->guesses().Take(7, 1, seconds(60), seconds(100)));
}

TEST_F(SharedTablesFile, TakesItsBootFromTheKernel) {
  const auto tables = SharedTables::Open(path_);
  ASSERT_TRUE(tables.ok()) << tables.status().ToString();
  EXPECT_TRUE(IsFirstPoll(**tables));
  EXPECT_FALSE(IsFirstPoll(**SharedTables::Open(path_)));
}

TEST_F(SharedTablesFile, OfAnotherLayoutVersionIsRefusedAndLeftAlone) {
  Open();
  WriteWord(1, limits::kTableLayoutVersion + 1);
  for (int i = 0; i < 2; ++i) {
    const auto status = SharedTables::Open(path_).status();
    EXPECT_EQ(status.code(), Code::kCorrupt);
    const std::string found = std::to_string(limits::kTableLayoutVersion + 1);
    EXPECT_NE(status.message().find(path_ + " has layout version " + found), std::string::npos)
        << status.message();
  }
}

TEST_F(SharedTablesFile, ThatIsAnotherFileIsRefused) {
  std::ofstream(path_) << "[server]\npublic_url = \"https://example.org\"\n";
  const auto status = SharedTables::Open(path_).status();
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_NE(status.message().find("delete it"), std::string::npos) << status.message();
}

TEST_F(SharedTablesFile, WithOtherSectionsIsRefused) {
  Open();
  WriteWord(4, 12345);
  EXPECT_EQ(SharedTables::Open(path_).status().code(), Code::kCorrupt);
}

TEST_F(SharedTablesFile, HalfMadeByAProcessThatDiedIsCompleted) {
  Open();
  for (int word = 2; word < 6; ++word) WriteWord(word, 0);
  EXPECT_TRUE(IsFirstPoll(*Open()));
}

TEST_F(SharedTablesFile, IsMadeOnceBySeveralProcessesAtOnce) {
  Gate gate(4);
  const testing_limits::SharedWords accepted(1);
  RunInProcesses(4, [&](int) {
    gate.Pass();
    const auto tables = Open();
    if (tables != nullptr && IsFirstPoll(*tables)) accepted.Increment(0);
  });
  EXPECT_EQ(accepted[0], 1U);
}

TEST_F(SharedTablesFile, IsNotReadableByOthers) {
  Open();
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07U, 0U);
}

TEST_F(SharedTablesFile, InAMissingFolderIsAnError) {
  EXPECT_EQ(SharedTables::Open(folder_.Path("no/limits")).status().code(), Code::kNotFound);
}

}  // namespace
