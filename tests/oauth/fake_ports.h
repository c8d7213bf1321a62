// The ports of the domain for the tests of every room: time that stands still until told, ids and
// randomness that count, limits in a map. The rows: fake_rows.h; all of it together: world.h.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "oauth/ports.h"

namespace testing_oauth {

using base::Code;
using base::Status;

class FakeClock final : public base::Clock {
 public:
  base::Time Now() const override { return now; }
  base::milliseconds SinceBoot() const override { return since_boot; }
  void Advance(base::milliseconds by) {
    now += by;
    since_boot += by;
  }
  base::Time now = base::FromUnixMillis(1'764'000'000'000);
  base::milliseconds since_boot{1'000'000};
};

class CountingRandom final : public oauth::Random {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(next_++ * 37 + 11);
  }

 private:
  unsigned next_ = 1;
};

class CountingIds final : public oauth::Ids {
 public:
  base::IdBytes New() override {
    base::IdBytes bytes{};
    bytes[14] = static_cast<std::uint8_t>(next_ >> 8U);
    bytes[15] = static_cast<std::uint8_t>(next_++);
    return bytes;
  }

 private:
  unsigned next_ = 1;
};

// "header.payload.signature" with the claims that tests look at.
class FakeSigner final : public oauth::TokenSigner {
 public:
  base::Result<std::string> Sign(records::OrganizationId,
                                 const oauth::AccessTokenClaims& claims) override {
    last_access_token = claims;
    const std::string payload = "{\"jti\":\"" + base::Base64UrlEncode(claims.jti.bytes) + "\"}";
    return "e30." + base::Base64UrlEncode(base::AsBytes(payload)) + ".c2ln";
  }
  base::Result<std::string> Sign(records::OrganizationId,
                                 const oauth::IdTokenClaims& claims) override {
    last_id_token = claims;
    return std::string("e30.e30.c2ln");
  }
  std::optional<oauth::AccessTokenClaims> last_access_token;
  std::optional<oauth::IdTokenClaims> last_id_token;
};

class FakePolls final : public oauth::PollTable {
 public:
  Verdict Poll(records::DeviceCodeId, base::seconds, base::milliseconds) override {
    return verdict;
  }
  Verdict verdict;
};

// Fixed windows, as the shared table has them.
class FakeRates final : public oauth::RateLimits {
 public:
  bool Take(std::uint64_t key, std::uint32_t limit, base::seconds window,
            base::milliseconds now) override {
    if (Count(key, now) >= limit) return false;
    Window& entry = windows_[key];
    if (entry.ends <= now) entry = {.ends = now + window, .count = 0};
    ++entry.count;
    return true;
  }
  std::uint32_t Count(std::uint64_t key, base::milliseconds now) override {
    const auto entry = windows_.find(key);
    if (entry != windows_.end() && entry->second.ends > now) return entry->second.count;
    return is_full ? kNoRoom : 0;
  }
  bool has_counted() const { return !windows_.empty(); }

  bool is_full = false;  // no room for another key

 private:
  struct Window {
    base::milliseconds ends{0};
    std::uint32_t count = 0;
  };
  std::map<std::uint64_t, Window> windows_;
};

// Assertions by their text, each signed by the keys it names.
class FakeAssertions final : public oauth::AssertionVerifier {
 public:
  base::Result<oauth::AssertionClaims> Read(std::string_view jwt) const override {
    const auto found = claims.find(std::string(jwt));
    if (found == claims.end()) return Status(Code::kInvalid, "not a JWT");
    return found->second;
  }
  bool Verify(std::string_view jwt, std::string_view jwks) const override {
    const auto found = signed_by.find(std::string(jwt));
    return found != signed_by.end() && found->second == jwks;
  }
  std::map<std::string, oauth::AssertionClaims> claims;
  std::map<std::string, std::string> signed_by;
};

}  // namespace testing_oauth
