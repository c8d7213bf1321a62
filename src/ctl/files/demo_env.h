// DATA/demo.env: how to reach the demo, one NAME=value a line, for people, scripts and tests.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace ctl {

struct DemoEnv {
  std::string url;             // LATCHKEY_URL
  std::string org;             // DEMO_ORG
  std::string service;         // DEMO_SERVICE
  std::string client_id;       // DEMO_CLIENT_ID
  std::string email;           // DEMO_EMAIL
  std::string password;        // DEMO_PASSWORD
  std::string owner_email;     // OWNER_EMAIL
  std::string owner_password;  // OWNER_PASSWORD
};

std::string DemoEnvPath(std::string_view data_dir);
// kNotFound: no such file; kCorrupt: a name is missing or a line is none.
base::Result<DemoEnv> ReadDemoEnv(const std::string& path);
// Replaces the file as a whole, mode 0600.
base::Status WriteDemoEnv(const std::string& path, const DemoEnv& env);

}  // namespace ctl
