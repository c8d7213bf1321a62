#include "shm/shared_table.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "shm/slots_testing.h"

namespace {

using base::Code;
using shm::SharedTables;
using testing_shm::DeviceCode;
using testing_shm::Gate;
using testing_shm::RunInProcesses;
using testing_shm::seconds;

// Another number at each draw.
class Draws final : public domain::Random {
 public:
  explicit Draws(std::uint8_t first = 1) : next_(first) {}
  void Fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, next_++); }

 private:
  std::uint8_t next_;
};

constexpr auto kForm = domain::LimitPurpose::kUserCodeForm;
const domain::LimitKey kSomebody{.purpose = kForm, .text = "somebody"};

class SharedTablesFile : public testing::Test {
 protected:
  // The table, or null and a failure.
  std::unique_ptr<SharedTables> Open(const std::string& boot_id = "this boot",
                                     std::uint8_t first_draw = 1) const {
    Draws random(first_draw);
    auto tables = SharedTables::OpenForBoot(path_, boot_id, random);
    EXPECT_TRUE(tables.ok()) << tables.status().ToString();
    return tables.ok() ? std::move(*tables) : nullptr;
  }
  static base::Result<std::unique_ptr<SharedTables>> Opened(const std::string& path) {
    Draws random;
    return SharedTables::Open(path, random);
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

  testing_shm::TempFolder folder_;
  std::string path_ = folder_.Path("limits");
};

TEST_F(SharedTablesFile, KeepsItsEntriesOverARestart) {
  {
    const auto tables = Open();
    EXPECT_TRUE(IsFirstPoll(*tables));
    EXPECT_TRUE(tables->limits().Take(kSomebody, 1, seconds(60), seconds(100)));
  }
  const auto tables = Open();
  EXPECT_FALSE(IsFirstPoll(*tables));
  EXPECT_FALSE(tables->limits().Take(kSomebody, 1, seconds(60), seconds(101)));
  EXPECT_EQ(tables->limits().Count(kSomebody, seconds(101)), 1U);
}

// A flood of one purpose, more keys than any section holds, leaves every other as it was.
TEST_F(SharedTablesFile, CountsEachPurposeInASectionOfItsOwn) {
  const auto tables = Open();
  const auto key = [](std::size_t purpose, int i) {
    return domain::LimitKey{.purpose = static_cast<domain::LimitPurpose>(purpose),
                            .text = std::to_string(i)};
  };
  constexpr auto kPurposes = static_cast<std::size_t>(domain::LimitPurpose::kCount);
  constexpr int kFlood = 400'000;
  for (int i = 0; i < kFlood; ++i) {
    tables->limits().Take(key(static_cast<std::size_t>(kForm), i), 1, seconds(60), seconds(100));
  }
  EXPECT_EQ(tables->limits().Count(key(static_cast<std::size_t>(kForm), kFlood), seconds(100)),
            domain::RateLimits::kNoRoom);
  EXPECT_TRUE(IsFirstPoll(*tables));
  for (std::size_t purpose = 0; purpose < kPurposes; ++purpose) {
    if (purpose == static_cast<std::size_t>(kForm)) continue;
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(tables->limits().Take(key(purpose, i), 1, seconds(60), seconds(100)));
      EXPECT_FALSE(tables->limits().Take(key(purpose, i), 1, seconds(60), seconds(100)));
    }
  }
}

TEST_F(SharedTablesFile, KeepsUsedTextsOnceEachWithTheRequestThatUsedThem) {
  using Use = domain::UsedTexts::Use;
  const auto tables = Open();
  const auto request = [](std::uint8_t byte) {
    records::RecordId id;
    id.bytes.fill(byte);
    return id;
  };
  const auto take = [&](std::uint8_t by, std::int64_t at) {
    return tables->used_jtis().Take("a jti", request(by), seconds(60), seconds(at));
  };
  EXPECT_EQ(take(1, 100), Use::kFirst);
  EXPECT_EQ(take(1, 101), Use::kRepeated);
  EXPECT_EQ(take(2, 102), Use::kUsed);
  EXPECT_EQ(take(2, 103), Use::kUsed) << "a replay that is sent again";
  EXPECT_EQ(take(1, 104), Use::kRepeated);
  EXPECT_EQ(take(2, 161), Use::kFirst) << "the window is over";
}

// What everybody on the machine may read, the boot's id, gives no key: two tables of one boot hash
// differently, so no collision that was made at home holds.
TEST_F(SharedTablesFile, HashesKeysUnderASecretThatEachFileDrawsOnce) {
  const auto limits_of = [&](const char* name, std::uint8_t draw) {
    Draws random(draw);
    const std::string path = folder_.Path(name);
    const auto tables = SharedTables::OpenForBoot(path, "this boot", random);
    EXPECT_TRUE((*tables)->limits().Take(kSomebody, 1, seconds(60), seconds(100)));
    std::ifstream file(path, std::ios::binary);
    constexpr std::size_t kPollsCountersJtisAndPoison = 3 * 8 * (1U << 18U) + 7 * 4096;
    return std::string(std::istreambuf_iterator<char>(file), {})
        .substr(4096 + kPollsCountersJtisAndPoison);
  };
  const std::string once = limits_of("a", 1);
  EXPECT_TRUE(once == limits_of("b", 1)) << "the same secret";
  EXPECT_FALSE(once == limits_of("c", 3));
  Open("this boot", 1);
  const auto again = Open("this boot", 77);
  EXPECT_TRUE(again->limits().Take(kSomebody, 1, seconds(60), seconds(100)));
  EXPECT_FALSE(Open("this boot", 5)->limits().Take(kSomebody, 1, seconds(60), seconds(100)))
      << "who comes later takes the secret that is there";
}

// Shared memory is bounded: what it was, and 8 MB.
TEST_F(SharedTablesFile, TakesNoMoreThanEighteenMebibytes) {
  Open();
  EXPECT_LE(std::filesystem::file_size(path_), std::uintmax_t{18} * 1024 * 1024 + 4096);
}

TEST_F(SharedTablesFile, IsOneTableForAllWhoOpenIt) {
  const auto mine = Open();
  const auto yours = Open();
  EXPECT_TRUE(IsFirstPoll(*mine));
  EXPECT_FALSE(IsFirstPoll(*yours));
  EXPECT_TRUE(yours->limits().Take(kSomebody, 1, seconds(60), seconds(100)));
  EXPECT_FALSE(mine->limits().Take(kSomebody, 1, seconds(60), seconds(100)));
}

TEST_F(SharedTablesFile, OneOfAReleaseWithoutItsLastSectionGetsIt) {
  { EXPECT_TRUE(IsFirstPoll(*Open())); }
  constexpr int kSections = 4 + static_cast<int>(domain::LimitPurpose::kCount);
  const domain::LimitKey last{.purpose = domain::LimitPurpose::kDecision, .text = "somebody"};
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 512 * 1024);
  WriteWord(2 * kSections, 0);
  WriteWord(2 * kSections + 1, 0);
  const auto tables = Open();
  EXPECT_FALSE(IsFirstPoll(*tables)) << "what was there stays";
  EXPECT_TRUE(tables->limits().Take(last, 1, seconds(60), seconds(100)));
  EXPECT_FALSE(tables->limits().Take(last, 1, seconds(60), seconds(100)));
}

TEST_F(SharedTablesFile, CountersOfAnythingElseAreNotRead) {
  { Open(); }
  WriteWord(1, 99);
  EXPECT_EQ(shm::CounterFile::Open(path_).status().code(), Code::kCorrupt);
  WriteWord(1, shm::kTableLayoutVersion);
  WriteWord(4, 0);
  EXPECT_EQ(shm::CounterFile::Open(path_).status().code(), Code::kCorrupt);
}

TEST_F(SharedTablesFile, ShowsNothingOfAnotherBoot) {
  const auto before = Open("one boot");
  EXPECT_TRUE(IsFirstPoll(*before));
  EXPECT_TRUE(before->limits().Take(kSomebody, 1, seconds(60), seconds(100)));
  const auto after = Open("the next boot");
  EXPECT_TRUE(IsFirstPoll(*after));
  EXPECT_TRUE(after->limits().Take(kSomebody, 1, seconds(60), seconds(100)));
}

TEST_F(SharedTablesFile, TakesItsBootFromTheKernel) {
  const auto tables = Opened(path_);
  ASSERT_TRUE(tables.ok()) << tables.status().ToString();
  EXPECT_TRUE(IsFirstPoll(**tables));
  EXPECT_FALSE(IsFirstPoll(**Opened(path_)));
}

TEST_F(SharedTablesFile, OfAnotherLayoutVersionIsRefusedAndLeftAlone) {
  Open();
  for (const std::uint64_t other : {shm::kTableLayoutVersion - 1, shm::kTableLayoutVersion + 1}) {
    WriteWord(1, other);
    const auto status = Opened(path_).status();
    EXPECT_EQ(status.code(), Code::kCorrupt);
    EXPECT_EQ(shm::CounterFile::Open(path_).status().code(), Code::kCorrupt);
    const std::string found = std::to_string(other);
    EXPECT_NE(status.message().find(path_ + " has layout version " + found), std::string::npos)
        << status.message();
  }
}

TEST_F(SharedTablesFile, ThatIsAnotherFileIsRefused) {
  std::ofstream(path_) << "[server]\npublic_url = \"https://example.org\"\n";
  const auto status = Opened(path_).status();
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_NE(status.message().find("delete it"), std::string::npos) << status.message();
}

TEST_F(SharedTablesFile, WithOtherSectionsIsRefused) {
  Open();
  WriteWord(6, 12345);
  EXPECT_EQ(Opened(path_).status().code(), Code::kCorrupt);
}

TEST_F(SharedTablesFile, HalfMadeByAProcessThatDiedIsCompleted) {
  Open();
  for (int word = 2; word < 6; ++word) WriteWord(word, 0);
  WriteWord(509, 0);  // half of the secret
  EXPECT_TRUE(IsFirstPoll(*Open()));
}

TEST_F(SharedTablesFile, IsMadeOnceBySeveralProcessesAtOnce) {
  Gate gate(4);
  const testing_shm::SharedWords accepted(1);
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
  EXPECT_EQ(Opened(folder_.Path("no/limits")).status().code(), Code::kNotFound);
}

}  // namespace
