// The ports of the domain for the tests of every module: time that stands still until told, ids and
// randomness that count, limits in a map. The rows: fake_rows.h; all of it together: world.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "domain/ports/assertion_verifier.h"
#include "domain/ports/ids.h"
#include "domain/ports/poll_table.h"
#include "domain/ports/random.h"
#include "domain/ports/rate_limits.h"
#include "domain/ports/token_signer.h"
#include "domain/ports/used_texts.h"

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

class CountingRandom final : public domain::Random {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(next_++ * 37 + 11);
  }

 private:
  unsigned next_ = 1;
};

class CountingIds final : public domain::Ids {
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
class FakeSigner final : public domain::TokenSigner {
 public:
  base::Result<std::string> Sign(records::OrganizationId,
                                 const domain::AccessTokenClaims& claims) override {
    last_access_token = claims;
    const std::string payload = "{\"jti\":\"" + base::Base64UrlEncode(claims.jti.bytes) + "\"}";
    return "e30." + base::Base64UrlEncode(base::AsBytes(payload)) + ".c2ln";
  }
  base::Result<std::string> Sign(records::OrganizationId,
                                 const domain::IdTokenClaims& claims) override {
    last_id_token = claims;
    return std::string("e30.e30.c2ln");
  }
  std::optional<domain::AccessTokenClaims> last_access_token;
  std::optional<domain::IdTokenClaims> last_id_token;
};

class FakePolls final : public domain::PollTable {
 public:
  Verdict Poll(records::DeviceCodeId, base::seconds, base::milliseconds) override {
    return verdict;
  }
  Verdict verdict;
};

// Fixed windows, as the shared table has them.
class FakeLimits final : public domain::RateLimits {
 public:
  bool Take(const domain::LimitKey& key, std::uint32_t limit, base::seconds window,
            base::milliseconds now) override {
    if (Count(key, now) >= limit) return false;
    Window& entry = windows_[Of(key)];
    // As the shared table, which keeps whole seconds.
    if (entry.ends <= now)
      entry = {.ends = std::chrono::ceil<base::seconds>(now) + window, .count = 0};
    ++entry.count;
    return true;
  }
  std::uint32_t Count(const domain::LimitKey& key, base::milliseconds now) override {
    const auto entry = windows_.find(Of(key));
    if (entry != windows_.end() && entry->second.ends > now) return entry->second.count;
    return is_full ? kNoRoom : 0;
  }
  base::seconds Left(const domain::LimitKey& key, base::milliseconds now) override {
    const auto entry = windows_.find(Of(key));
    if (entry == windows_.end() || entry->second.ends <= now) return base::seconds(1);
    return std::chrono::ceil<base::seconds>(entry->second.ends - now);
  }
  // How many things are counted for a purpose.
  std::size_t keys(domain::LimitPurpose purpose) const {
    std::size_t keys = 0;
    for (const auto& entry : windows_) keys += entry.first.first == purpose ? 1U : 0U;
    return keys;
  }

  bool is_full = false;  // no room for another key

 private:
  struct Window {
    base::milliseconds ends{0};
    std::uint32_t count = 0;
  };
  using Key = std::pair<domain::LimitPurpose, std::string>;
  static Key Of(const domain::LimitKey& key) { return {key.purpose, key.text}; }
  std::map<Key, Window> windows_;
};

class FakeUsedTexts final : public domain::UsedTexts {
 public:
  Use Take(std::string_view text, records::RecordId request_id, base::seconds window,
           base::milliseconds now) override {
    const auto found = used_.find(std::string(text));
    if (found != used_.end() && found->second.ends > now) {
      return found->second.by == request_id ? Use::kRepeated : Use::kUsed;
    }
    if (is_full) return Use::kNoRoom;
    used_[std::string(text)] = {.ends = now + window, .by = request_id};
    return Use::kFirst;
  }
  std::size_t size() const { return used_.size(); }

  bool is_full = false;

 private:
  struct Used {
    base::milliseconds ends{0};
    records::RecordId by;
  };
  std::map<std::string, Used> used_;
};

// Assertions by their text, each signed by the keys it names.
class FakeAssertions final : public domain::AssertionVerifier {
 public:
  base::Result<domain::AssertionClaims> Read(std::string_view jwt) const override {
    const auto found = claims.find(std::string(jwt));
    if (found == claims.end()) return Status(Code::kInvalid, "not a JWT");
    return found->second;
  }
  bool Verify(std::string_view jwt, std::string_view jwks) const override {
    ++verifications;
    const auto found = signed_by.find(std::string(jwt));
    return found != signed_by.end() && found->second == jwks;
  }
  std::map<std::string, domain::AssertionClaims> claims;
  std::map<std::string, std::string> signed_by;
  mutable int verifications = 0;
};

}  // namespace testing_oauth
