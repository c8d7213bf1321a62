#include "supervisor/run_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace supervisor {
namespace {

class RunFiles : public ::testing::Test {
 protected:
  RunFiles() {
    std::string folder = ::testing::TempDir() + "run_files_XXXXXX";
    folder_ = mkdtemp(folder.data());
  }
  ~RunFiles() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  static std::string Read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

 private:
  std::string folder_;
};

TEST_F(RunFiles, WritesForTheOwnerAloneAndReplaces) {
  const std::string path = Path("a.pid");
  ASSERT_TRUE(WriteRunFile(path, "1234567\n").ok());
  ASSERT_TRUE(WriteRunFile(path, "12\n").ok());
  EXPECT_EQ(Read(path), "12\n");
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(RunFiles, DoesNotFollowALink) {
  ASSERT_TRUE(WriteRunFile(Path("target"), "kept").ok());
  std::filesystem::create_symlink(Path("target"), Path("link"));
  ASSERT_TRUE(WriteRunFile(Path("link"), "other").ok());
  EXPECT_EQ(Read(Path("target")), "kept");
  EXPECT_EQ(Read(Path("link")), "other");
  EXPECT_FALSE(std::filesystem::is_symlink(Path("link")));
}

// No process writes a byte to a file while it lives, as on a full disk.
class FullDisk {
 public:
  FullDisk() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  sighandler_t handler_;
  rlimit before_{};
};

TEST_F(RunFiles, OnAFullDiskThePreviousContentStands) {
  ASSERT_TRUE(WriteRunFile(Path("public_url"), "http://127.0.0.1:1\n").ok());
  const auto written = [this] {
    const FullDisk full;
    return std::pair(WriteRunFile(Path("public_url"), "http://127.0.0.1:2\n"),
                     WriteRunFile(Path("new"), "x"));
  }();
  EXPECT_FALSE(written.first.ok());
  EXPECT_FALSE(written.second.ok());
  EXPECT_EQ(Read(Path("public_url")), "http://127.0.0.1:1\n");
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(Path("")))
    names.push_back(entry.path().filename());
  EXPECT_EQ(names, std::vector<std::string>{"public_url"}) << "no other file is left";
}

TEST_F(RunFiles, IsThereAsLongAsItsOwner) {
  const std::string path = Path("run.pid");
  {
    auto file = RunFile::Write(path, "1\n");
    ASSERT_TRUE(file.ok());
    const RunFile moved = std::move(*file);
    EXPECT_EQ(Read(path), "1\n");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(RunFiles, RotatesOnlyWhatIsTooLongAndKeepsOne) {
  const std::string path = Path("access.log");
  EXPECT_FALSE(RotateByRename(path, 3));
  ASSERT_TRUE(WriteRunFile(path, "abc").ok());
  EXPECT_FALSE(RotateByRename(path, 3));
  ASSERT_TRUE(WriteRunFile(path + ".1", "older").ok());
  ASSERT_TRUE(WriteRunFile(path, "abcd").ok());
  EXPECT_TRUE(RotateByRename(path, 3));
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(Read(path + ".1"), "abcd");
}

TEST_F(RunFiles, AWriterThatAppendsGoesOnAfterRotationByCopy) {
  const std::string path = Path("latchkey.log");
  std::ofstream writer(path, std::ios::app);
  writer << "first line\n" << std::flush;
  EXPECT_TRUE(RotateByCopy(path, 3));
  writer << "next\n" << std::flush;
  EXPECT_EQ(Read(path), "next\n");
  EXPECT_EQ(Read(path + ".1"), "first line\n");
}

}  // namespace
}  // namespace supervisor
