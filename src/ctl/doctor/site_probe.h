// The public address as a client finds it: name, connection, certificate, and whether what answers is this
// server under this name. Lives on one thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace ctl {

struct SiteFact {
  std::string url;  // that was asked: the issuer's metadata
  bool is_https = false;
  std::string error;        // why there was no answer; empty: there was one
  bool is_trusted = true;   // the certificate, by the store of this machine
  std::string trust_error;  // why not
  std::optional<base::Time> certificate_ends;
  int status = 0;
  std::string issuer;  // that the answer names
};

// 5 s at most for each of two transfers. Follows no redirect.
SiteFact AskSite(const std::string& public_url);

}  // namespace ctl
