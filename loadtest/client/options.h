// The command line of latchkey-load.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace load {

struct Options {
  sockaddr_in address{};
  std::string host;  // the Host field; default: the address
  std::uint32_t connections = 64;
  std::uint32_t threads = 1;
  std::chrono::milliseconds duration{10000};
  std::chrono::milliseconds warmup{1000};
  std::chrono::milliseconds timeout{20000};
  std::uint64_t count = 0;         // requests in all, instead of a duration; 0: duration
  double rate = 0;                 // open loop: requests/s in all; 0: closed loop
  bool sends_again = false;        // what a kept connection left unanswered, once
  std::uint32_t check_every = 64;  // bodies looked into: one of so many
  std::string seconds_path;        // of the lines of SecondLog; empty: none
  std::vector<std::string> specs;
};

extern const std::string_view kUsage;
base::Result<Options> ParseOptions(int argc, char** argv);

}  // namespace load
