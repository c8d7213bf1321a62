#include "crypto/master_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <vector>

#include "base/bytes.h"
#include "crypto/crypto_testing.h"

namespace {

using base::Code;
using crypto::MasterKey;
using testing_crypto::KeyOf;
using testing_crypto::ScriptedRandom;
using testing_crypto::TempFolder;

std::string DerivedHex(const MasterKey& key) { return base::HexEncode(key.Derive("test")); }

class MasterKeyFile : public testing::Test {
 protected:
  void WriteFile(const std::string& bytes, mode_t mode = 0600) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
  }
  static bool Says(const base::Status& status, std::string_view text) {
    return status.message().find(text) != std::string::npos;
  }

  TempFolder folder_;
  std::string path_ = folder_.Path("master.key");
  ScriptedRandom random_{"latchkey"};
};

TEST_F(MasterKeyFile, IsMadeForItsOwnerAloneAndLoadsAgain) {
  const auto made = MasterKey::Create(path_, random_);
  ASSERT_TRUE(made.ok()) << made.status().ToString();
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  EXPECT_EQ(info.st_size, 32);
  const auto loaded = MasterKey::Load(path_);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(DerivedHex(*loaded), DerivedHex(*made));
}

TEST_F(MasterKeyFile, IsNeverReplaced) {
  const auto made = MasterKey::Create(path_, random_);
  ASSERT_TRUE(made.ok());
  ScriptedRandom other("something else");
  EXPECT_EQ(MasterKey::Create(path_, other).status().code(), Code::kExists);
  EXPECT_EQ(DerivedHex(*MasterKey::Load(path_)), DerivedHex(*made));
}

TEST_F(MasterKeyFile, LeavesNoDraftBehind) {
  ASSERT_TRUE(MasterKey::Create(path_, random_).ok());
  EXPECT_FALSE(MasterKey::Create(path_, random_).ok());
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.Path(""))) {
    names.push_back(entry.path().filename().string());
  }
  EXPECT_EQ(names, std::vector<std::string>{"master.key"});
}

TEST_F(MasterKeyFile, IsRefusedWhereOthersMayReadIt) {
  for (const mode_t mode : {0640U, 0604U, 0660U, 0644U, 0610U, 0777U}) {
    WriteFile(std::string(32, 'k'), mode);
    const auto status = MasterKey::Load(path_).status();
    EXPECT_EQ(status.code(), Code::kDenied) << std::oct << mode;
    EXPECT_TRUE(Says(status, "chmod 600 " + path_)) << status.message();
  }
}

TEST_F(MasterKeyFile, IsTakenWhereOnlyTheOwnerMayReadIt) {
  for (const mode_t mode : {0400U, 0600U, 0700U}) {
    WriteFile(std::string(32, 'k'), mode);
    EXPECT_TRUE(MasterKey::Load(path_).ok()) << std::oct << mode;
  }
}

TEST_F(MasterKeyFile, IsRefusedWithAnyOtherSize) {
  for (const std::size_t size : {0U, 1U, 31U, 33U, 64U, 100'000U}) {
    WriteFile(std::string(size, 'k'));
    const auto status = MasterKey::Load(path_).status();
    EXPECT_EQ(status.code(), Code::kInvalid) << size;
    EXPECT_TRUE(Says(status, path_)) << status.message();
  }
}

TEST_F(MasterKeyFile, WhenMissingSaysHowToGetOne) {
  const auto status = MasterKey::Load(path_).status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_TRUE(Says(status, "latchkey init")) << status.message();
}

TEST_F(MasterKeyFile, MayNotBeAFolderOrAPipe) {
  ASSERT_EQ(mkdir(path_.c_str(), 0700), 0);
  EXPECT_FALSE(MasterKey::Load(path_).ok());
  const std::string pipe = folder_.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(MasterKey::Load(pipe).status().code(),
            Code::kInvalid);  // and does not wait for a writer
}

TEST_F(MasterKeyFile, InAMissingFolderIsNotMade) {
  EXPECT_EQ(MasterKey::Create(folder_.Path("no/master.key"), random_).status().code(),
            Code::kNotFound);
}

// An access control list as systemd puts it on a credential (linux/posix_acl_xattr.h).
class MasterKeyWithAcl : public MasterKeyFile {
 protected:
  struct Entry {
    std::uint16_t tag, permissions;
    std::uint32_t id;
  };
  // Gives read access to one user beside the owner; false where the file system has no such lists.
  bool SetAcl(std::uint32_t user, std::uint16_t group_permissions) const {
    constexpr std::uint32_t kNobody = UINT32_MAX;
    const Entry entries[] = {{0x01, 4, kNobody},
                             {0x02, 4, user},
                             {0x04, group_permissions, kNobody},
                             {0x10, 4, kNobody},
                             {0x20, 0, kNobody}};
    std::string list("\x02\0\0\0", 4);
    list.append(reinterpret_cast<const char*>(entries), sizeof entries);
    return setxattr(path_.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0;
  }
};

TEST_F(MasterKeyWithAcl, IsTakenWhereTheListNamesOnlyOurselves) {
  WriteFile(std::string(32, 'k'));
  if (!SetAcl(geteuid(), 0)) GTEST_SKIP() << "no access control lists on this file system";
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  ASSERT_EQ(info.st_mode & 0777U, 0440U);  // the mask, which a look at the mode takes for the group
  EXPECT_TRUE(MasterKey::Load(path_).ok());
}

TEST_F(MasterKeyWithAcl, IsRefusedWhereTheListNamesAnotherUserOrTheGroup) {
  WriteFile(std::string(32, 'k'));
  if (!SetAcl(geteuid() + 1, 0)) GTEST_SKIP() << "no access control lists on this file system";
  EXPECT_EQ(MasterKey::Load(path_).status().code(), Code::kDenied);
  ASSERT_TRUE(SetAcl(geteuid(), 4));
  EXPECT_EQ(MasterKey::Load(path_).status().code(), Code::kDenied);
}

TEST(MasterKeyDerive, GivesEachPurposeAKeyOfItsOwn) {
  const MasterKey key = KeyOf('a');
  EXPECT_EQ(key.Derive("one"), KeyOf('a').Derive("one"));
  EXPECT_NE(key.Derive("one"), key.Derive("two"));
  EXPECT_NE(key.Derive("one"), KeyOf('b').Derive("one"));
}

}  // namespace
