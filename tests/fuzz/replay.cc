// Main of a fuzzer in a build without libFuzzer: every file of the corpus, then inputs grown by the grammar.
//   NAME_fuzz CORPUS COUNT [FIRST]    where one breaks a promise, its file or its number is printed; FIRST is where to
//                                     begin again
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"

namespace {

std::string g_current;  // what the signal handler says

void OnCrash(int signal) {
  if (::write(STDERR_FILENO, g_current.data(), g_current.size()) < 0) std::_Exit(2);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// A copy that ends where its heap block ends.
void RunOne(std::string_view input) {
  const std::unique_ptr<char[]> tight(new char[input.size()]);
  if (!input.empty()) std::memcpy(tight.get(), input.data(), input.size());
  fuzz::FuzzOne({tight.get(), input.size()});
}

std::size_t RunCorpus(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    g_current = "fuzz: " + path.string() + "\n";
    std::ifstream file(path, std::ios::binary);
    RunOne(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  return files.size();
}

void RunGrown(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t number = first; number < first + count; ++number) {
    g_current = "fuzz: grown input " + std::to_string(number) + "\n";
    fuzz::Random random(number);
    std::string input = fuzz::Grow(random);
    if (number % 2 == 1) input = fuzz::ReplaceToken(input, random);
    RunOne(input);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: NAME_fuzz CORPUS COUNT [FIRST]\n", stderr);
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) std::signal(signal, OnCrash);
  const std::size_t files = RunCorpus(argv[1]);
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  RunGrown(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1, count);
  std::printf("%zu files and %llu grown inputs, none broke a promise\n", files,
              static_cast<unsigned long long>(count));
  return 0;
}
