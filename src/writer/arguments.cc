#include "writer/arguments.h"

#include <string_view>

namespace writer {

namespace {

base::Status Wrong(std::string_view option, std::string_view why) {
  std::string message(option);
  message.append(" ").append(why).append("; usage: latchkey-writer [--config FILE] [--data DIR]");
  return {base::Code::kInvalid, std::move(message)};
}

std::string* MemberOf(std::string_view option, Arguments* arguments) {
  if (option == "--config") return &arguments->config_path;
  if (option == "--data") return &arguments->data_dir;
  return nullptr;
}

}  // namespace

base::Result<Arguments> ParseArguments(std::span<char* const> arguments) {
  Arguments parsed;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string_view option = arguments[i];
    std::string* member = MemberOf(option, &parsed);
    if (member == nullptr) return Wrong(option, "is no option");
    if (i + 1 == arguments.size()) return Wrong(option, "needs a value");
    *member = arguments[i + 1];
  }
  return parsed;
}

}  // namespace writer
