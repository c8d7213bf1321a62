#include "ctl/files/demo_env.h"

#include <array>

#include "base/os/file.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

struct Entry {
  std::string_view name;
  std::string DemoEnv::*member;
};
constexpr std::array kEntries{
    Entry{"LATCHKEY_URL", &DemoEnv::url},        Entry{"DEMO_ORG", &DemoEnv::org},
    Entry{"DEMO_SERVICE", &DemoEnv::service},    Entry{"DEMO_CLIENT_ID", &DemoEnv::client_id},
    Entry{"DEMO_EMAIL", &DemoEnv::email},        Entry{"DEMO_PASSWORD", &DemoEnv::password},
    Entry{"OWNER_EMAIL", &DemoEnv::owner_email}, Entry{"OWNER_PASSWORD", &DemoEnv::owner_password},
};

const Entry* FindEntry(std::string_view name) {
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace

std::string DemoEnvPath(std::string_view data_dir) { return std::string(data_dir) + "/demo.env"; }

base::Result<DemoEnv> ReadDemoEnv(const std::string& path) {
  const auto content = base::ReadWholeFile(path);
  if (!content.ok()) return content.error();
  DemoEnv env;
  for (const std::string& line : SplitLines(*content)) {
    const std::size_t equals = line.find('=');
    const Entry* entry = equals == std::string::npos ? nullptr : FindEntry(line.substr(0, equals));
    if (entry != nullptr) env.*(entry->member) = line.substr(equals + 1);
  }
  for (const Entry& entry : kEntries) {
    if ((env.*(entry.member)).empty()) {
      return base::Status(base::Code::kCorrupt, path + " lacks " + std::string(entry.name));
    }
  }
  return env;
}

base::Status WriteDemoEnv(const std::string& path, const DemoEnv& env) {
  std::string content;
  for (const Entry& entry : kEntries) {
    content.append(entry.name).append("=").append(env.*(entry.member)).append("\n");
  }
  return base::ReplaceFile(path, content, 0600);
}

}  // namespace ctl
