#include "ctl/login/direct.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <string_view>

namespace ctl {

namespace {

constexpr std::string_view kLocalhost = "localhost";

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};

// As libcurl will read it: 127.1 and 0x7f000001 are 127.0.0.1 then. Lower case, without brackets or a last dot.
std::string HostOf(const std::string& url) {
  const std::unique_ptr<CURLU, UrlDeleter> parsed(curl_url());
  if (parsed == nullptr || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return "";
  }
  char* part = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_HOST, &part, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, UrlDeleter> owned(part);
  std::string host(part);
  std::ranges::transform(host, host.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.pop_back();
  return host;
}

bool IsThisMachine(const in_addr& address) {
  const std::uint32_t number = ntohl(address.s_addr);
  return number >> 24U == IN_LOOPBACKNET || number == INADDR_ANY;
}

bool IsThisMachine(const in6_addr& address) {
  if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address)) return true;
  if (!IN6_IS_ADDR_V4MAPPED(&address)) return false;
  in_addr four{};
  std::memcpy(&four, &address.s6_addr[12], sizeof four);
  return IsThisMachine(four);
}

}  // namespace

bool IsThisMachine(const std::string& url) {
  const std::string host = HostOf(url);
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return IsThisMachine(four);
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return IsThisMachine(six);
  return host == kLocalhost || host.ends_with("." + std::string(kLocalhost));
}

}  // namespace ctl
