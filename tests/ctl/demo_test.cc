#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "base/os/file.h"
#include "ctl/files/demo_env.h"
#include "ctl/print/text.h"
#include "ctl/setup/demo_text.h"
#include "ctl/setup/secrets.h"

namespace ctl {
namespace {

class Folder : public testing::Test {
 protected:
  Folder() { path_ = ::mkdtemp(template_.data()); }
  ~Folder() override { std::filesystem::remove_all(path_); }
  std::string template_ = "/tmp/latchkey-ctl-XXXXXX";
  std::string path_;
};

DemoEnv Env() {
  return {.url = "http://127.0.0.1:8080",
          .org = "acme",
          .service = "cli",
          .client_id = "acme-cli",
          .email = "alice@acme.example",
          .password = "abcde-fghij-kmnpq-rstuv",
          .owner_email = "owner@platform.example",
          .owner_password = "vwxyz-23456-789ab-cdefg"};
}

TEST_F(Folder, DemoEnvIsReadAsItWasWrittenAndPrivate) {
  const std::string path = DemoEnvPath(path_);
  ASSERT_TRUE(WriteDemoEnv(path, Env()).ok());
  const auto env = ReadDemoEnv(path);
  ASSERT_TRUE(env.ok());
  EXPECT_EQ(env->password, Env().password);
  EXPECT_EQ(env->owner_email, Env().owner_email);
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(Folder, DemoEnvWithoutANameIsCorrupt) {
  const std::string path = DemoEnvPath(path_);
  EXPECT_EQ(ReadDemoEnv(path).status().code(), base::Code::kNotFound);
  std::ofstream(path) << "LATCHKEY_URL=http://x\nnonsense\n=\n";
  EXPECT_EQ(ReadDemoEnv(path).status().code(), base::Code::kCorrupt);
}

TEST_F(Folder, ReplaceFileLeavesTheFormerContentWhereItFails) {
  const std::string path = path_ + "/file";
  ASSERT_TRUE(base::ReplaceFile(path, "one", 0600).ok());
  EXPECT_FALSE(base::ReplaceFile(path_ + "/no/such/folder", "two", 0600).ok());
  EXPECT_EQ(*base::ReadWholeFile(path), "one");
  ASSERT_TRUE(base::ReplaceFile(path, "two", 0600).ok());
  EXPECT_EQ(*base::ReadWholeFile(path), "two");
  EXPECT_NE(::access((path + ".new").c_str(), F_OK), 0);
}

TEST_F(Folder, ReadWholeFileIsBounded) {
  const std::string path = path_ + "/long";
  std::ofstream(path) << std::string(base::kMaxFileBytes + 1, 'x');
  EXPECT_EQ(base::ReadWholeFile(path).status().code(), base::Code::kInvalid);
}

TEST(SshTarget, IsTheServersSideOfTheConnection) {
  EXPECT_EQ(SshTarget("203.0.113.9 50000 198.51.100.7 22", "bob"), "bob@198.51.100.7");
  EXPECT_EQ(SshTarget("203.0.113.9 50000 198.51.100.7 2222", "bob"), "-p 2222 bob@198.51.100.7");
  EXPECT_EQ(SshTarget("", "bob"), "");
  EXPECT_EQ(SshTarget("nonsense", "bob"), "");
}

TEST(WelcomeText, FitsAScreenAndNamesEverything) {
  const DemoPlace place{.url = "http://127.0.0.1:8080",
                        .port = 8080,
                        .command = "build/bin/latchkey",
                        .data_dir = "var",
                        .ssh_target = "bob@198.51.100.7"};
  const std::string text = WelcomeText(Env(), place);
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 24);
  for (const std::string& line : SplitLines(text)) EXPECT_LE(DisplayWidth(line), 80u) << line;
  for (const std::string& part : {Env().url, Env().email, Env().password, Env().owner_email,
                                  Env().owner_password, std::string("build/bin/latchkey login\n"),
                                  std::string("ssh -L 8080:127.0.0.1:8080 bob@198.51.100.7")}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

TEST(WelcomeText, NamesTheDataFolderWhereItIsNotTheDefault) {
  const DemoPlace place{
      .url = "u", .port = 1, .command = "latchkey", .data_dir = "/srv/x", .ssh_target = ""};
  const std::string text = WelcomeText(Env(), place);
  EXPECT_NE(text.find("latchkey --data /srv/x login"), std::string::npos);
  EXPECT_EQ(text.find("ssh"), std::string::npos);
}

// Bytes 0, 1, 2, … so that every symbol is drawn.
class CountingRandom final : public domain::Random {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

TEST(DrawPassword, IsFourGroupsOfUnmistakableCharacters) {
  CountingRandom random;
  std::set<char> seen;
  for (int i = 0; i < 16; ++i) {
    const std::string password = DrawPassword(random);
    ASSERT_EQ(password.size(), 23u);
    EXPECT_EQ(password[5], '-');
    seen.insert(password.begin(), password.end());
  }
  EXPECT_EQ(seen.size(), 33u);  // 32 and the hyphen
  for (const char c : {'l', 'o', '0', '1'}) EXPECT_EQ(seen.count(c), 0u);
}

}  // namespace
}  // namespace ctl
