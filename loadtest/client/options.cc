#include "client/options.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstdlib>

namespace load {

namespace {

using base::Code;
using base::Status;
using std::chrono::milliseconds;

constexpr std::uint32_t kMaxConnections = 100000;
constexpr std::uint32_t kMaxThreads = 64;

Status Wrong(std::string_view option, std::string_view needs) {
  return {Code::kInvalid, std::string(option) + " needs " + std::string(needs)};
}

Status SetNumber(std::string_view option, const std::string& text, double least, double most,
                 double* out) {
  char* end = nullptr;
  *out = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || *end != '\0' || !(*out >= least && *out <= most)) {
    return Wrong(option, "a number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return {};
}

Status SetAddress(const std::string& text, Options* options) {
  const std::size_t colon = text.find(':');
  double port = 0;
  if (colon == std::string::npos ||
      !SetNumber("ADDRESS", text.substr(colon + 1), 1, 65535, &port).ok() ||
      ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &options->address.sin_addr) != 1) {
    return Wrong("ADDRESS", "the form 127.0.0.1:8080");
  }
  options->address.sin_family = AF_INET;
  options->address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (options->host.empty()) options->host = text;
  return {};
}

milliseconds Seconds(double value) { return milliseconds(static_cast<std::int64_t>(value * 1000)); }

Status SetOption(std::string_view option, const std::string& text, Options* options) {
  if (option == "-H" || option == "-s") {
    (option == "-H" ? options->host : options->seconds_path) = text;
    return {};
  }
  constexpr double kMostSeconds = 86400;
  constexpr double kMost = 1e12;
  double value = 0;
  const auto number = [&](double least, double most) {
    return SetNumber(option, text, least, most, &value);
  };
  Status status;
  if (option == "-c") {
    status = number(1, kMaxConnections);
    options->connections = static_cast<std::uint32_t>(value);
  } else if (option == "-t") {
    status = number(1, kMaxThreads);
    options->threads = static_cast<std::uint32_t>(value);
  } else if (option == "-d") {
    status = number(0, kMostSeconds);
    options->duration = Seconds(value);
  } else if (option == "-w") {
    status = number(0, kMostSeconds);
    options->warmup = Seconds(value);
  } else if (option == "-T") {
    status = number(0, kMostSeconds);
    options->timeout = Seconds(value);
  } else if (option == "-n") {
    status = number(1, kMost);
    options->count = static_cast<std::uint64_t>(value);
  } else if (option == "-r") {
    status = number(1, kMost);
    options->rate = value;
  } else if (option == "-a") {
    status = number(0, 1);
    options->sends_again = value != 0;
  } else if (option == "-e") {
    status = number(1, 1e9);
    options->check_every = static_cast<std::uint32_t>(value);
  } else {
    return {Code::kInvalid, std::string(option) + ": no such option"};
  }
  return status;
}

}  // namespace

const std::string_view kUsage =
    "usage: latchkey-load [OPTION VALUE]... ADDRESS:PORT SPEC...\n"
    "  -c CONNECTIONS  kept open all the time (64)\n"
    "  -t THREADS      (1)\n"
    "  -d SECONDS      measured time (10)\n"
    "  -w SECONDS      before it, not measured (1)\n"
    "  -n COUNT        so many requests in all, instead of -d; implies -w 0\n"
    "  -r RATE         open loop: so many requests/s, latency counted from when each was due\n"
    "  -T SECONDS      a request unanswered for so long has failed (20)\n"
    "  -a 0|1          1: what a kept connection left unanswered as the server closed it is sent\n"
    "                  again, once, and counted apart; 0: it has failed (0)\n"
    "  -e EVERY        one body of so many is looked into (64)\n"
    "  -H HOST         the Host field (ADDRESS:PORT)\n"
    "  -s FILE         gets a line of JSON for each measured second, while it runs\n"
    "A SPEC is one quoted word: \"name=read weight=70 path=/api/user tokens=FILE\", see "
    "client/scenario.h\n"
    "Prints JSON. Exit code 0 also where requests failed: look at `failed`.\n";

base::Result<Options> ParseOptions(int argc, char** argv) {
  Options options;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with('-')) {
      words.emplace_back(word);
      continue;
    }
    if (++i == argc) return Wrong(word, "a value");
    if (Status status = SetOption(word, argv[i], &options); !status.ok()) return status;
  }
  if (words.size() < 2) return Status(Code::kInvalid, "an address and a request are needed");
  if (Status status = SetAddress(words.front(), &options); !status.ok()) return status;
  options.specs.assign(words.begin() + 1, words.end());
  options.threads = std::min(options.threads, options.connections);
  if (options.count > 0) options.warmup = milliseconds(0);
  return options;
}

}  // namespace load
