#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "base/log.h"
#include "base/os/mapped_file.h"
#include "base/os/process_usage.h"
#include "base/os/unix_socket.h"

namespace {

using base::Code;

class TempFolder : public testing::Test {
 protected:
  TempFolder() {
    std::string pattern = "/tmp/latchkey-base-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~TempFolder() override { std::system(("rm -rf " + folder_).c_str()); }
  std::string folder_;
};

TEST_F(TempFolder, ListenRefusesALiveSocketAndReplacesAStaleOne) {
  const std::string path = folder_ + "/s";
  {
    const auto first = base::ListenUnix(path, base::SocketKind::kStream, 0600, 8);
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(base::ListenUnix(path, base::SocketKind::kStream, 0600, 8).status().code(),
              Code::kExists);
  }
  EXPECT_EQ(base::ConnectUnix(path, base::SocketKind::kStream).status().code(), Code::kUnavailable);
  EXPECT_TRUE(base::ListenUnix(path, base::SocketKind::kStream, 0600, 8).ok());
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(TempFolder, ASocketOfAnotherUserIsNotConnectedToWhateverLeadsThere) {
  constexpr auto kKind = base::SocketKind::kSeqPacket;
  const std::string path = folder_ + "/s";
  const std::string link = folder_ + "/link";
  const auto listening = base::ListenUnix(path, kKind, 0600, 8);
  ASSERT_TRUE(listening.ok());
  ASSERT_EQ(::symlink(path.c_str(), link.c_str()), 0);
  for (const std::string& name : {path, link}) {
    EXPECT_TRUE(base::ConnectUnixOf(::geteuid(), name, kKind).ok());
    EXPECT_EQ(base::ConnectUnixOf(::geteuid() + 1, name, kKind).status().code(), Code::kConflict);
  }
  ::unlink(path.c_str());
  EXPECT_EQ(base::ConnectUnixOf(::geteuid() + 1, link, kKind).status().code(), Code::kNotFound);
}

TEST_F(TempFolder, ATooLongSocketPathSaysSo) {
  const std::string path = folder_ + "/" + std::string(120, 's');
  const auto result = base::ListenUnix(path, base::SocketKind::kStream, 0600, 8);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), Code::kInvalid);
  EXPECT_NE(result.error().message().find("use a shorter data folder"), std::string::npos);
}

TEST_F(TempFolder, AMappedFileIsSharedAndKeptAndNeverShrunk) {
  const std::string path = folder_ + "/page";
  EXPECT_EQ(base::MappedFile::Open(path, 4096, base::MappedFile::Access::kReadOnly).status().code(),
            Code::kNotFound);
  auto writer = base::MappedFile::Open(path, 4096, base::MappedFile::Access::kReadWrite);
  ASSERT_TRUE(writer.ok());
  auto reader = base::MappedFile::Open(path, 4096, base::MappedFile::Access::kReadOnly);
  ASSERT_TRUE(reader.ok());
  std::atomic_ref(writer->words()[7]).store(42);
  EXPECT_EQ(reader->words()[7], 42U);
  EXPECT_EQ(base::MappedFile::Open(path, 8192, base::MappedFile::Access::kReadOnly).status().code(),
            Code::kNotFound);
  EXPECT_TRUE(base::MappedFile::Open(path, 8192, base::MappedFile::Access::kReadWrite).ok());
  EXPECT_EQ(reader->words()[7], 42U);
}

TEST(InheritedSockets, AreReadFromTheEnvironmentOfTheServiceManager) {
  setenv("LISTEN_FDS", "2", 1);
  setenv("LISTEN_FDNAMES", "api-1:api-2", 1);
  setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(*base::InheritedSocketNamed("api-2"), 4);
  EXPECT_EQ(base::InheritedSocketNamed("writer").status().code(), Code::kNotFound);
  setenv("LISTEN_PID", "1", 1);
  EXPECT_TRUE(base::InheritedSockets().empty()) << "meant for another process";
  for (const char* name : {"LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID"}) unsetenv(name);
}

TEST(ProcessUsage, GrowsWithWhatTheProcessDoesAndHolds) {
  const base::ProcessUsage before = base::OwnUsage();
  constexpr std::size_t kBytes = 64 << 20;
  const std::string held(kBytes, 'x');
  base::ProcessUsage after;
  while ((after = base::OwnUsage()).cpu_micros < before.cpu_micros + 2000) {
  }
  EXPECT_GT(before.resident_bytes, 1U << 20);
  EXPECT_GT(after.resident_bytes, before.resident_bytes + held.size() / 2);
}

TEST(Log, WritesOneLineAndQuotesWhatNeedsIt) {
  std::array<int, 2> fds{};
  ASSERT_EQ(pipe(fds.data()), 0);
  base::Log log("test", base::Severity::kInfo, fds[1]);
  log.Warn("event", {{"plain", "a"}, {"odd", "b \"c\"\n"}, {"n", 5}});
  std::array<char, 256> buffer{};
  const auto size = static_cast<std::size_t>(read(fds[0], buffer.data(), buffer.size()));
  const std::string line(buffer.data(), size);
  EXPECT_NE(line.find(" WARN test event plain=a odd=\"b \\\"c\\\"\\x0a\" n=5\n"), std::string::npos)
      << line;
  close(fds[0]);
  close(fds[1]);
}

TEST(Log, NeverBlocksAndCountsWhatItDropped) {
  std::array<int, 2> fds{};
  ASSERT_EQ(pipe(fds.data()), 0);
  base::Log log("test", base::Severity::kInfo, fds[1]);
  const auto before = log.dropped_lines();
  for (int i = 0; i < 5000; ++i)
    log.Info("event", {{"i", i}});  // nobody reads: the pipe takes 64 KB
  EXPECT_GT(log.dropped_lines(), before);
  close(fds[0]);
  close(fds[1]);
}

}  // namespace
