#include "base/url.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(SplitUrl, TellsTheParts) {
  struct Case {
    const char *url, *scheme, *host, *port, *rest;
  };
  for (const Case& c :
       {Case{"https://id.example.com", "https", "id.example.com", "", ""},
        Case{"http://127.0.0.1:8080/o/acme?a#b", "http", "127.0.0.1", "8080", "/o/acme?a#b"},
        Case{"https://[::1]:1?q", "https", "[::1]", "1", "?q"},
        Case{"https://[::1]#f", "https", "[::1]", "", "#f"}, Case{"", "", "", "", ""},
        Case{"host", "", "host", "", ""}, Case{"/path", "", "", "", "/path"}}) {
    const UrlParts parts = SplitUrl(c.url);
    EXPECT_EQ(parts.scheme, c.scheme) << c.url;
    EXPECT_EQ(parts.host, c.host) << c.url;
    EXPECT_EQ(parts.port, c.port) << c.url;
    EXPECT_EQ(parts.rest, c.rest) << c.url;
  }
}

}  // namespace
}  // namespace base
