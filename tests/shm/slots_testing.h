// Helpers of the limits tests: several processes on one table, ids, a folder that goes away.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "records/ids.h"

namespace testing_shm {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Distinct ids whose bytes differ in the way of UUIDv7: time first, the rest mixed.
inline records::DeviceCodeId DeviceCode(std::uint64_t number) {
  records::DeviceCodeId id;
  std::uint64_t mixed = (number + 1) * 0x9e3779b97f4a7c15ULL;
  for (std::size_t i = 8; i < 16; ++i, mixed >>= 8U) {
    id.bytes[i] = static_cast<std::uint8_t>(mixed);
  }
  return id;
}

// Zeroed words shared by this process and those it forks.
class SharedWords {
 public:
  explicit SharedWords(std::size_t count) : count_(count) {
    void* memory = mmap(nullptr, count * sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    words_ = static_cast<std::uint64_t*>(memory);
  }
  ~SharedWords() { munmap(words_, count_ * sizeof(std::uint64_t)); }
  SharedWords(const SharedWords&) = delete;
  SharedWords& operator=(const SharedWords&) = delete;

  std::span<std::uint64_t> words() const { return {words_, count_}; }
  std::uint64_t& operator[](std::size_t i) const { return words_[i]; }
  void Increment(std::size_t i) const { std::atomic_ref(words_[i]).fetch_add(1); }

 private:
  std::uint64_t* words_ = nullptr;
  std::size_t count_;
};

// Lets processes begin a step together.
class Gate {
 public:
  explicit Gate(std::uint64_t processes) : processes_(processes) {}
  void Pass() {
    ++passed_;
    std::atomic_ref arrived(shared_[0]);
    arrived.fetch_add(1);
    while (arrived.load() < passed_ * processes_) sched_yield();
  }

 private:
  SharedWords shared_{1};
  std::uint64_t processes_;
  std::uint64_t passed_ = 0;  // of this process
};

// Runs `body` in `count` processes at once and waits for all. A child that crashes is a failure.
inline void RunInProcesses(int count, const std::function<void(int)>& body) {
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(60);  // a hung child ends instead of outliving the test
      body(i);
      _exit(testing::Test::HasFailure() ? 1 : 0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int state = 0;
    ASSERT_EQ(waitpid(child, &state, 0), child);
    EXPECT_TRUE(WIFEXITED(state) && WEXITSTATUS(state) == 0) << state;
  }
}

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = testing::TempDir() + "latchkey-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string Path(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace testing_shm
