#include "ctl/doctor/site_probe.h"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string_view>

#include "ctl/login/direct.h"
#include "ctl/print/json.h"

namespace ctl {

namespace {

constexpr long kTimeoutMs = 5000;
constexpr std::size_t kMostBytes = 64 * 1024;
constexpr std::string_view kMetadataPath = "/.well-known/oauth-authorization-server";
constexpr std::string_view kExpiry = "Expire date:";

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using Curl = std::unique_ptr<CURL, CurlDeleter>;

std::size_t KeepBody(char* bytes, std::size_t size, std::size_t count, void* body) {
  auto* text = static_cast<std::string*>(body);
  if (text->size() + size * count > kMostBytes) return 0;
  text->append(bytes, size * count);
  return size * count;
}

bool IsAboutTrust(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
}

// Of the server's own certificate, the first of the chain.
std::optional<base::Time> ReadExpiry(CURL* curl) {
  curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr ||
      chain->num_of_certs == 0) {
    return std::nullopt;
  }
  for (const curl_slist* line = chain->certinfo[0]; line != nullptr; line = line->next) {
    const std::string_view text(line->data);
    if (!text.starts_with(kExpiry)) continue;
    const time_t ends = curl_getdate(std::string(text.substr(kExpiry.size())).c_str(), nullptr);
    if (ends > 0) return base::FromUnixMillis(static_cast<std::int64_t>(ends) * 1000);
  }
  return std::nullopt;
}

CURLcode Ask(CURL* curl, bool verifies, std::string* body, std::string* error) {
  std::array<char, CURL_ERROR_SIZE> detail{};
  body->clear();
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verifies ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verifies ? 2L : 0L);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  *error = detail[0] == '\0' ? curl_easy_strerror(code) : detail.data();
  return code;
}

}  // namespace

SiteFact AskSite(const std::string& public_url) {
  SiteFact fact;
  fact.url = public_url + std::string(kMetadataPath);
  fact.is_https = public_url.starts_with("https://");
  const Curl curl(curl_easy_init());
  if (curl == nullptr) {
    fact.error = "libcurl does not start";
    return fact;
  }
  curl_easy_setopt(curl.get(), CURLOPT_URL, fact.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  if (IsThisMachine(fact.url)) curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(curl.get(), CURLOPT_CERTINFO, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &KeepBody);
  std::string body;
  std::string error;
  CURLcode code = Ask(curl.get(), true, &body, &error);
  if (IsAboutTrust(code)) {
    fact.is_trusted = false;
    fact.trust_error = error;
    code = Ask(curl.get(), false, &body, &error);  // when it ends is worth knowing all the same
  }
  if (code != CURLE_OK) {
    fact.error = error;
    return fact;
  }
  fact.certificate_ends = ReadExpiry(curl.get());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  fact.status = static_cast<int>(status);
  if (const auto json = ParseJson(body); json.ok()) fact.issuer = json->Text("issuer").value_or("");
  return fact;
}

}  // namespace ctl
