// The people and apps a measurement needs: organizations with a service, a plan and users each,
// their subscriptions, sessions with access tokens, and device codes that nobody has decided yet.
// Every row is made by the record that makes it in earnest. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "crypto/uuid_v7.h"
#include "oauth/handle.h"
#include "oauth/ports.h"
#include "records/ids.h"
#include "seed/sender.h"

namespace seed {

struct Plan {
  std::string issuer;            // the server's public_url
  std::string prefix = "bench";  // of slugs, client_ids and addresses; unique in the server
  std::uint32_t organizations = 100;
  std::uint32_t users_each = 10;
  std::uint32_t tokens = 10000;  // one session and one access token each
  std::uint32_t pending_codes = 20000;
};

// What clients send: a line for each request.
struct Lines {
  std::vector<std::string> tokens;       // access tokens
  std::vector<std::string> code_bodies;  // JSON bodies of POST /auth/device/code
  std::vector<std::string> poll_bodies;  // form bodies of POST /auth/token
};

class Population {
 public:
  Population(Plan plan, const crypto::MasterKey& key, Sender& sender);
  base::Result<Lines> Make();

 private:
  struct Organization {
    records::OrganizationId id;
    records::ServiceId service_id;
    records::ClientRowId client_row_id;
    records::PlanId plan_id;
    std::string slug;
    std::string client_id;
    std::vector<records::UserId> users;
  };
  struct Grant {
    std::uint32_t organization = 0;
    records::UserId user_id;
    std::string email;
    records::DeviceCodeId device_code_id;
  };

  template <class Tag>
  base::Id<Tag> New() {
    return {ids_.New()};
  }
  records::RecordId NewRecord() { return New<records::RecordTag>(); }

  base::Status MakeOrganizations();
  base::Status MakeServices();
  base::Status MakePlansAndUsers();
  base::Status MakeSubscriptions();
  base::Status MakeTokens(Lines* lines);
  base::Status MakePendingCodes(Lines* lines);

  std::string EmailOf(const Organization& organization, std::size_t user) const;
  std::vector<Grant> PlanGrants();
  base::Status SendCode(const Organization& organization, records::DeviceCodeId id,
                        const oauth::Secret& secret);
  base::Status Decide(const Grant& grant);
  base::Status Redeem(const Grant& grant, Lines* lines);
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
