// The people and apps a measurement needs: organizations with a service, a plan and users each,
// their subscriptions, grants with access or refresh tokens, and device codes that nobody has
// decided yet or that were approved.
// Every row is made by the record that makes it in earnest. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "crypto/uuid_v7.h"
#include "domain/split_token.h"
#include "records/ids.h"
#include "records/writes.h"
#include "seed/organization_line.h"
#include "seed/sender.h"

namespace seed {

struct Plan {
  std::string issuer;            // the server's public_url
  std::string prefix = "bench";  // of slugs, client_ids and addresses; unique in the server
  std::uint32_t organizations = 100;
  std::uint32_t users_each = 10;
  std::uint32_t tokens = 10000;  // one grant and one access token each
  std::uint32_t pending_codes = 20000;
  std::uint32_t approved_codes = 0;
  std::uint32_t refresh_tokens = 0;  // one grant each
  // Pending codes older than all others, whose lifetimes end evenly spread over a time that began a
  // minute ago and goes on for so long.
  std::uint32_t expiring_codes = 0;
  std::uint32_t expiring_seconds = 600;
  // organizations.txt of a former call: those are used, and none are made.
  std::string organizations_path;
};

// Of grants and of each client's requests, as of services that are made for the origin's SDK.
inline constexpr std::string_view kScope = "email";

// What clients send: a line for each request.
struct Lines {
  std::vector<std::string> organizations;   // see organization_line.h
  std::vector<std::string> tokens;          // access tokens
  std::vector<std::string> code_bodies;     // JSON bodies of POST /auth/device/code
  std::vector<std::string> poll_bodies;     // form bodies of POST /auth/token: pending codes
  std::vector<std::string> redeem_bodies;   // the same: approved codes, each good once
  std::vector<std::string> refresh_bodies;  // the same: refresh tokens, each good once
};

class Population {
 public:
  Population(Plan plan, const crypto::MasterKey& key, Sender& sender);
  base::Result<Lines> Make();

 private:
  struct Grant {
    std::uint32_t organization = 0;
    records::UserId user_id;
    std::string email;
    records::DeviceCodeId device_code_id;
    domain::Secret secret{};  // of the device code
  };

  template <class Tag>
  base::Id<Tag> New() {
    return {ids_.New()};
  }
  records::RecordId NewRecord() { return New<records::RecordTag>(); }

  base::Status MakeDirectory();
  base::Status ReadDirectory();
  base::Status MakeOrganizations();
  base::Status MakeServices();
  base::Status MakePlansAndUsers();
  base::Status MakeSubscriptions();
  base::Status MakeExpiringCodes();
  base::Status MakeTokens(Lines* lines);
  base::Status MakePendingCodes(Lines* lines);
  base::Status MakeApprovedCodes(Lines* lines);
  base::Status MakeRefreshTokens(Lines* lines);

  std::string EmailOf(const Organization& organization, std::size_t user) const;
  std::vector<Grant> PlanGrants(std::uint32_t count);
  base::Status Approve(const std::vector<Grant>& grants);
  base::Status SendCode(const Organization& organization, records::DeviceCodeId id,
                        const domain::Secret& secret, base::Time expires_at);
  base::Status Decide(const Grant& grant);
  base::Status Redeem(const Grant& grant, const records::NewAccessToken& access_token,
                      std::optional<records::NewRefreshToken> refresh_token);
  records::NewAccessToken AccessToken(std::string_view text, records::AccessTokenId id);
  std::string TokenText(const Grant& grant, records::AccessTokenId id);

  Plan plan_;
  Sender& sender_;
  base::SystemClock clock_;
  crypto::SystemRandom random_;
  crypto::OpenSslHashes hashes_;
  crypto::UuidV7Ids ids_;
  base::Time now_;
  std::vector<Organization> organizations_;
};

}  // namespace seed
