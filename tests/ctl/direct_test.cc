#include "ctl/login/direct.h"

#include <gtest/gtest.h>

namespace ctl {
namespace {

TEST(IsThisMachine, KnowsLoopbackHoweverItIsWritten) {
  for (const char* url :
       {"http://127.0.0.1:8080/x", "https://127.8.9.10", "http://127.1/", "http://0x7f000001/",
        "http://2130706433/", "http://[::1]:8080/", "http://[0:0:0:0:0:0:0:1]/",
        "http://[::ffff:127.0.0.1]/", "http://localhost", "http://LocalHost.:80/",
        "http://acme.localhost/", "http://0.0.0.0:8080/", "http://[::]/", "http://me@localhost/"}) {
    EXPECT_TRUE(IsThisMachine(url)) << url;
  }
}

TEST(IsThisMachine, LeavesEverythingElseToTheProxy) {
  for (const char* url : {"http://128.0.0.1/", "http://10.0.0.1/",
                          "https://login.example.com/127.0.0.1", "http://localhost.example.com/",
                          "http://notlocalhost/", "http://[::2]/", "http://[::ffff:10.0.0.1]/",
                          "http://127.0.0.1@evil.example/", "http://126.1/", "", "no url"}) {
    EXPECT_FALSE(IsThisMachine(url)) << url;
  }
}

}  // namespace
}  // namespace ctl
