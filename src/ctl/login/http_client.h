// HTTP for `latchkey login`, over libcurl. One request at a time; lives on one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace ctl {

struct HttpReply {
  int status = 0;
  std::string body;                          // at most 1 MB
  std::optional<base::seconds> retry_after;  // of Retry-After, where it is a number
};

using FormFields = std::vector<std::pair<std::string, std::string>>;

// The transport as the device flow sees it; a fake in tests. Errors: kUnavailable (no connection,
// time out: trying again is right), kInvalid (no URL that can be asked), kCorrupt (the answer is
// too long).
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // `bearer` empty: no Authorization.
  virtual base::Result<HttpReply> Get(const std::string& url, std::string_view bearer) = 0;
  // application/x-www-form-urlencoded.
  virtual base::Result<HttpReply> PostForm(const std::string& url, const FormFields& fields) = 0;
};

// 10 s to connect, 30 s for each transfer. Follows no redirect: a token endpoint never sends one.
// Only http and https; certificates are checked against the system's store. A proxy of the environment is used, but
// never to this machine (direct.h).
class CurlClient final : public HttpClient {
 public:
  CurlClient();
  ~CurlClient() override;
  base::Result<HttpReply> Get(const std::string& url, std::string_view bearer) override;
  base::Result<HttpReply> PostForm(const std::string& url, const FormFields& fields) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ctl
