// The child of the prefork tests: the test program itself, started anew by the parent under test.
#pragma once

#include <string>
#include <vector>

namespace worker_test {

// Stands before the arguments of latchkey-worker on the command line of such a child.
inline constexpr const char* kChildMarker = "--as-worker";

// What the child does is written in the file that the parent under test names as its configuration:
//   "crash"    ends at its start
//   "unready"  never gets ready
//   "recycle"  asks for a replacement after five requests
//   "bad"      does not pass --check-config
// Anything else is a version, served at /version. /hang never returns, /hold does so as long as the file
// "hold" is in the data folder; /abort and /exit end the child, /abort-resumed does once its write was
// answered; the rest is TestHandler's. What guards requests lies in shared.tables of the data folder.
int RunPreforkChild(const std::vector<std::string>& arguments);

std::string ReadAll(const std::string& path);

}  // namespace worker_test
