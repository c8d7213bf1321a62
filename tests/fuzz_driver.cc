// Mutates the seeds of a fuzzer and feeds them to it. Each input is made from (--seed, its number)
// alone; where one breaks the fuzzer, the number to run it again with is printed.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <random>
#include <span>

#include "base/bytes.h"
#include "fuzz.h"

namespace {

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  std::uint64_t runs = 200'000;
  std::int64_t seconds = 0;  // instead of runs
};

constexpr char kUsage[] =
    "usage: NAME_fuzz [--runs N | --seconds N] [--seed N] [--first N]\n"
    "  NAME_fuzz --seed 1 --first 4711 --runs 1    the input 4711 again, printed in hex\n";

std::uint64_t g_current = 0;  // for the signal handler alone

void OnCrash(int signal) {
  char line[64];
  const int length = std::snprintf(line, sizeof line, "fuzz: input %llu\n",
                                   static_cast<unsigned long long>(g_current));
  if (::write(STDERR_FILENO, line, static_cast<std::size_t>(length)) < 0) std::_Exit(2);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> seeds) : seeds_(std::move(seeds)) {}

  std::string Make(std::uint64_t seed, std::uint64_t number) {
    engine_.seed(seed * 0x9e3779b97f4a7c15ULL + number);
    std::string bytes = seeds_[number % seeds_.size()];
    // The seeds themselves come first.
    for (std::uint64_t left = number < seeds_.size() ? 0 : 1 + Below(6); left > 0; --left) {
      Change(&bytes);
    }
    return bytes;
  }

 private:
  std::uint64_t Below(std::uint64_t limit) { return limit == 0 ? 0 : engine_() % limit; }
  char Byte() {
    static constexpr char kTelling[] = "\0\x01\x7f\x80\xff%+&=;\"\\{}[]:,. \t\r\n-_/0A";
    return Below(2) == 0 ? kTelling[Below(sizeof kTelling)] : static_cast<char>(Below(256));
  }

  void Change(std::string* bytes) {
    const std::size_t at = Below(bytes->size() + 1);
    const std::size_t length = Below(std::min<std::size_t>(bytes->size() - at + 1, 32));
    switch (Below(7)) {
      case 0:  // another byte
        if (at < bytes->size()) (*bytes)[at] = Byte();
        return;
      case 1:  // one bit
        if (at < bytes->size()) (*bytes)[at] = static_cast<char>((*bytes)[at] ^ (1 << Below(8)));
        return;
      case 2:
        bytes->insert(at, 1, Byte());
        return;
      case 3:
        bytes->erase(at, length);
        return;
      case 4:  // the same once more
        bytes->insert(at, bytes->substr(at, length));
        return;
      case 5:  // cut
        bytes->resize(at);
        return;
      default: {  // a piece of another seed
        const std::string& other = seeds_[Below(seeds_.size())];
        const std::size_t from = Below(other.size() + 1);
        bytes->insert(at, other.substr(from, Below(64)));
      }
    }
  }

  std::vector<std::string> seeds_;
  std::mt19937_64 engine_;
};

// A copy that ends where its heap block ends, so that a sanitizer sees a read past it.
void RunOne(const std::string& input) {
  const std::unique_ptr<char[]> tight(new char[input.size()]);
  if (!input.empty()) std::memcpy(tight.get(), input.data(), input.size());
  fuzz::FuzzOne({tight.get(), input.size()});
}

bool ReadOption(std::string_view name, const char* text, Options* options) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text, &end, 10);
  if (end == text || *end != '\0') return false;
  if (name == "--seed")
    options->seed = value;
  else if (name == "--first")
    options->first = value;
  else if (name == "--runs")
    options->runs = value;
  else if (name == "--seconds")
    options->seconds = static_cast<std::int64_t>(value);
  else
    return false;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 < argc && ReadOption(argv[i], argv[i + 1], &options)) continue;
    std::fputs(kUsage, stderr);
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) std::signal(signal, OnCrash);
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::seconds(options.seconds);
  Mutator mutator(fuzz::Seeds());
  std::uint64_t done = 0;
  const auto is_over = [&] {
    return options.seconds > 0 ? done % 1024 == 0 && Clock::now() >= end : done == options.runs;
  };
  for (; !is_over(); ++done) {
    g_current = options.first + done;
    const std::string input = mutator.Make(options.seed, g_current);
    if (options.runs == 1) std::printf("%s\n", base::HexEncode(base::AsBytes(input)).c_str());
    RunOne(input);
  }
  std::printf("%llu inputs, none broke a promise\n", static_cast<unsigned long long>(done));
  return 0;
}
