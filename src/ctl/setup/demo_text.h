// What the demo prints: the address, who may sign in, what to try next; 24 lines of 80 columns at
// most. Pure, but for PlaceOfDemo.
#pragma once

#include <cstdint>
#include <string>

#include "base/settings.h"
#include "ctl/files/demo_env.h"
#include "ctl/print/json.h"

namespace ctl {

// Where the demo runs, seen from the reader's terminal.
struct DemoPlace {
  std::string url;
  std::int64_t port = 0;
  std::string command;     // how to call `latchkey` here
  std::string data_dir;    // as --data
  std::string ssh_target;  // "[-p PORT ]user@host" where the reader came over SSH; else empty
};
DemoPlace PlaceOfDemo(const base::Settings& settings);

// The reader's own way here, from SSH_CONNECTION ("client port server port", sshd(8)); empty where
// it is none.
std::string SshTarget(const std::string& ssh_connection, const std::string& user);

std::string AddressText(const DemoPlace& place);
std::string WelcomeText(const DemoEnv& env, const DemoPlace& place);
JsonObject ToJson(const DemoEnv& env);

}  // namespace ctl
