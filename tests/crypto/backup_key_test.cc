#include "crypto/backup_key.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "base/os/unique_fd.h"
#include "crypto/hmac.h"
#include "crypto/random.h"

namespace crypto {
namespace {

using base::Code;

class BackupKeyTest : public testing::Test {
 protected:
  BackupKeyTest() {
    Remove();
    SystemRandom random;
    EXPECT_TRUE(MasterKey::Create(path_ + ".master", random).ok());
  }
  ~BackupKeyTest() override { Remove(); }
  void Remove() const {
    for (const char* suffix : {"", ".mac", ".mac.new", ".master", ".key", ".key.new"}) {
      std::remove((path_ + suffix).c_str());
    }
  }
  MasterKey Master() const { return *MasterKey::Load(path_ + ".master"); }
  void Write(const std::string& content) const {
    std::ofstream(path_, std::ios::binary) << content;
  }
  static std::string ReadAll(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  base::Status Mark(const BackupKey& key) const {
    const base::UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    return WriteMac(path_, *key.Mac(fd.get(), path_));
  }
  bool Fits(const BackupKey& key) const {
    const auto mac = ReadMac(path_);
    const base::UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    return mac.ok() && mac->has_value() && *key.Fits(**mac, fd.get(), path_);
  }

  std::string path_ = testing::TempDir() + "latchkey-backup-key-" + std::to_string(::getpid());
};

TEST_F(BackupKeyTest, TheMacIsThatOfTheWholeFileHoweverLong) {
  const BackupKey key = BackupKey::Of(Master());
  const records::Sha256 bytes = Master().Derive("latchkey backup v1");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20, (std::size_t{3} << 20) + 17}) {
    const std::string content(size, 'x');
    Write(content);
    ASSERT_TRUE(Mark(key).ok());
    const auto expected = HmacSha256(bytes).Of(base::AsBytes(content));
    EXPECT_EQ(ReadAll(path_ + ".mac"), base::HexEncode(expected) + "\n");
    EXPECT_TRUE(Fits(key));
  }
}

TEST_F(BackupKeyTest, AByteChangedAddedOrTakenAwayIsSeen) {
  const BackupKey key = BackupKey::Of(Master());
  const std::string content((std::size_t{1} << 20) + 5, 'x');
  Write(content);
  ASSERT_TRUE(Mark(key).ok());
  std::string changed = content;
  changed[content.size() / 2] = 'y';
  for (const std::string& other : {changed, content + "x", content.substr(1), std::string()}) {
    Write(other);
    EXPECT_FALSE(Fits(key));
  }
  Write(content);
  EXPECT_TRUE(Fits(key));
}

TEST_F(BackupKeyTest, AnotherMasterKeyGivesAnotherKey) {
  const BackupKey key = BackupKey::Of(Master());
  Write("content");
  ASSERT_TRUE(Mark(key).ok());
  std::remove((path_ + ".master").c_str());
  SystemRandom random;
  ASSERT_TRUE(MasterKey::Create(path_ + ".master", random).ok());
  EXPECT_FALSE(key.Equals(BackupKey::Of(Master())));
  EXPECT_FALSE(Fits(BackupKey::Of(Master())));
}

TEST_F(BackupKeyTest, ItsFileIsPrivateAndReplaced) {
  const BackupKey key = BackupKey::Of(Master());
  EXPECT_EQ(BackupKey::Load(path_ + ".key").status().code(), Code::kNotFound);
  std::ofstream(path_ + ".key") << "of before";
  EXPECT_EQ(BackupKey::Load(path_ + ".key").status().code(), Code::kDenied) << "others may read it";
  ::chmod((path_ + ".key").c_str(), 0600);
  EXPECT_EQ(BackupKey::Load(path_ + ".key").status().code(), Code::kInvalid) << "too short";
  ASSERT_TRUE(key.Save(path_ + ".key").ok());
  const auto loaded = BackupKey::Load(path_ + ".key");
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_TRUE(loaded->Equals(key));
  struct stat info {};
  ASSERT_EQ(::stat((path_ + ".key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(BackupKeyTest, WhatIsNoMacIsToldApartFromNone) {
  Write("content");
  const auto none = ReadMac(path_);
  EXPECT_TRUE(none.ok() && !none->has_value());
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(63, '0'), std::string(65, '0'),
        std::string(64, 'g'), std::string(9000, '0'), std::string(64, '0') + "\n\n"}) {
    std::ofstream(path_ + ".mac") << text;
    EXPECT_EQ(ReadMac(path_).status().code(), Code::kCorrupt) << text.substr(0, 70);
  }
  std::ofstream(path_ + ".mac") << std::string(64, '0');
  EXPECT_TRUE(ReadMac(path_).ok());
}

}  // namespace
}  // namespace crypto
