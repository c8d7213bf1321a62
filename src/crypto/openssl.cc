#include "crypto/openssl.h"

#include <openssl/err.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace crypto {

base::Status OpenSslStatus(std::string_view what) {
  std::array<char, 256> reason{};
  const unsigned long error = ERR_peek_last_error();
  ERR_error_string_n(error, reason.data(), reason.size());
  ERR_clear_error();
  std::string message(what);
  message.append(": ").append(error == 0 ? "no reason given" : reason.data());
  return {base::Code::kInternal, std::move(message)};
}

void DieUnless(bool ok, std::string_view what) {
  if (ok) return;
  const std::string line = OpenSslStatus(what).message() + "\n";
  std::fputs(line.c_str(), stderr);
  std::abort();
}

Sha256Digest::Sha256Digest()
    : digest_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  DieUnless(digest_ != nullptr && context_ != nullptr, "SHA-256 is not available");
}

records::Sha256 Sha256Digest::Of(base::ByteView bytes) {
  records::Sha256 hash{};
  const bool ok = EVP_DigestInit_ex2(context_.get(), digest_.get(), nullptr) == 1 &&
                  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1 &&
                  EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) == 1;
  DieUnless(ok, "SHA-256");
  return hash;
}

}  // namespace crypto
