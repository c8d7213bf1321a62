#include "ctl/login/http_client.h"

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "ctl/login/direct.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr long kConnectTimeoutMs = 10'000;
constexpr long kTransferTimeoutMs = 30'000;
constexpr std::size_t kMaxBodyBytes = 1024 * 1024;
constexpr std::string_view kUserAgent = "latchkey-login/0.1";

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(char* text) const { curl_free(text); }
};
using Headers = std::unique_ptr<curl_slist, CurlDeleter>;

std::size_t AppendBody(char* bytes, std::size_t size, std::size_t count, void* body) {
  auto* text = static_cast<std::string*>(body);
  const std::size_t length = size * count;
  if (text->size() + length > kMaxBodyBytes) return 0;  // ends the transfer: CURLE_WRITE_ERROR
  text->append(bytes, length);
  return length;
}

Status StatusOf(CURLcode code, const std::string& url, const std::string& detail) {
  const std::string why = detail.empty() ? curl_easy_strerror(code) : detail;
  switch (static_cast<int>(code)) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {Code::kInvalid, url + ": " + why};
    case CURLE_WRITE_ERROR:
      return {Code::kCorrupt, url + ": the answer is longer than 1 MB"};
    default:
      return {Code::kUnavailable, url + ": " + why};
  }
}

}  // namespace

class CurlClient::Impl {
 public:
  Impl() : curl_(curl_easy_init()) {}

  Result<HttpReply> Perform(const std::string& url, const std::string& body, Headers headers) {
    if (curl_ == nullptr) return Status(Code::kInternal, "libcurl does not start");
    HttpReply reply;
    Prepare(url, &reply);
    curl_easy_setopt(curl_.get(), CURLOPT_HTTPHEADER, headers.get());
    if (!body.empty()) {
      curl_easy_setopt(curl_.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(body.size()));
      curl_easy_setopt(curl_.get(), CURLOPT_COPYPOSTFIELDS, body.c_str());
    }
    const CURLcode code = curl_easy_perform(curl_.get());
    if (code != CURLE_OK) return StatusOf(code, url, error_.data());
    Finish(&reply);
    return reply;
  }

  std::string Escape(const std::string& text) {
    const std::unique_ptr<char, CurlDeleter> escaped(
        curl_easy_escape(curl_.get(), text.data(), static_cast<int>(text.size())));
    return escaped == nullptr ? std::string() : std::string(escaped.get());
  }

 private:
  // Options are set anew for each transfer; the connection stays open between them.
  void Prepare(const std::string& url, HttpReply* reply) {
    CURL* curl = curl_.get();
    curl_easy_reset(curl);
    error_[0] = '\0';
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (IsThisMachine(url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, kUserAgent.data());
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kTransferTimeoutMs);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &AppendBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply->body);
  }

  void Finish(HttpReply* reply) {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    reply->status = static_cast<int>(status);
    curl_off_t retry_after = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RETRY_AFTER, &retry_after);
    if (retry_after > 0) reply->retry_after = base::seconds(retry_after);
  }

  std::unique_ptr<CURL, CurlDeleter> curl_;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

CurlClient::CurlClient() : impl_(std::make_unique<Impl>()) {}
CurlClient::~CurlClient() = default;

Result<HttpReply> CurlClient::Get(const std::string& url, std::string_view bearer) {
  Headers headers(curl_slist_append(nullptr, "Accept: application/json"));
  if (!bearer.empty()) {
    const std::string header = "Authorization: Bearer " + std::string(bearer);
    headers.reset(curl_slist_append(headers.release(), header.c_str()));
  }
  return impl_->Perform(url, {}, std::move(headers));
}

Result<HttpReply> CurlClient::PostForm(const std::string& url, const FormFields& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    if (!body.empty()) body.push_back('&');
    body.append(impl_->Escape(name)).append("=").append(impl_->Escape(value));
  }
  return impl_->Perform(url, body, Headers(curl_slist_append(nullptr, "Accept: application/json")));
}

}  // namespace ctl
