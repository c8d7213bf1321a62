// The command line of latchkey-worker. Pure but for --help.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace worker {

enum class Pool : std::uint8_t { kApi, kLogin };
std::string_view NameOf(Pool pool);

// What the parent hands to a child: descriptors by number, open across exec. Not owned.
struct ChildPlace {
  std::string name;  // "api-2"
  int listen_fd = -1;
  int parent_fd = -1;  // closes when the parent is gone
  int ready_fd = -1;   // the child's words to the parent (child_process.h)
  int slots_fd = -1;   // child_slots.h
  std::size_t slot = 0;
};
std::vector<std::string> ToArguments(const ChildPlace& place);

struct CommandLine {
  enum class Mode : std::uint8_t { kParent, kChild, kCheckConfig, kHelp };
  Mode mode = Mode::kParent;
  Pool pool = Pool::kApi;
  std::string config_path;
  std::string data_dir;
  ChildPlace place;  // kChild
};
// kInvalid names the argument that is wrong.
base::Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments);

extern const std::string_view kUsage;

}  // namespace worker
