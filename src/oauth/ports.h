// What the domain needs from outside: each interface is implemented in a module of its own and handed
// in by main(). Not thread-safe unless said: a worker child has one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/settings.h"
#include "base/status.h"
#include "oauth/limit_keys.h"
#include "records/audit/audit.h"
#include "records/rows.h"
#include "records/writes.h"

namespace oauth {

// Small rows that seldom change, kept while the directory generation stands. A pointer is valid
// until the current turn of the loop ends: copy what a pending write needs. Errors: kNotFound,
// kUnavailable.
class Directory {
 public:
  virtual ~Directory() = default;
  virtual base::Result<const records::ClientRow*> FindClient(std::string_view client_id) = 0;
  virtual base::Result<const records::ClientRow*> FindClientByRow(records::OrganizationId org,
                                                                  records::ClientRowId id) = 0;
  virtual base::Result<const records::OrganizationRow*> FindOrganization(
      records::OrganizationId id) = 0;
  virtual base::Result<const records::OrganizationRow*> FindOrganizationBySlug(
      std::string_view slug) = 0;
  virtual base::Result<const records::DomainRow*> FindDomain(std::string_view host) = 0;
  virtual base::Result<const records::ServiceRow*> FindService(records::OrganizationId org,
                                                               records::ServiceId id) = 0;
  virtual base::Result<const records::PlanRow*> FindPlan(records::OrganizationId org,
                                                         records::PlanId id) = 0;
  // All keys published for the issuer of an organization, newest first.
  virtual base::Result<const std::vector<records::SigningKeyRow>*> SigningKeys(
      records::OrganizationId org) = 0;
};

// Services whose names a password may not be made of: nobody's is made of more of them.
inline constexpr std::int64_t kMaxServiceNames = 100;

// Rows that change with use, one SELECT each, always the newest committed state.
// Errors: kNotFound; kUnavailable (the database is not there or busy); kCorrupt.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual base::Result<records::DeviceCodeRow> FindDeviceCode(records::OrganizationId org,
                                                              records::DeviceCodeId id) = 0;
  // Through the directory of live codes: decided and swept codes are kNotFound.
  virtual base::Result<records::DeviceCodeRow> FindLiveUserCode(std::string_view user_code) = 0;
  virtual base::Result<records::AccessTokenRow> FindAccessToken(records::AccessTokenId id) = 0;
  virtual base::Result<records::AccessTokenWithSubscription> FindAccessTokenWithSubscription(
      records::AccessTokenId id) = 0;
  virtual base::Result<std::optional<records::SubscriptionRow>> FindSubscription(
      records::OrganizationId org, records::UserId user, records::ServiceId service) = 0;
  virtual base::Result<records::RefreshTokenRow> FindRefreshToken(records::RefreshTokenId id) = 0;
  virtual base::Result<records::UserRow> FindUser(records::OrganizationId org,
                                                  records::UserId id) = 0;
  virtual base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                         std::string_view email) = 0;
  virtual base::Result<records::SessionRow> FindSession(records::OrganizationId org,
                                                        records::SessionId id) = 0;
  virtual base::Result<records::PasswordLinkRow> FindPasswordLink(records::PasswordLinkId id) = 0;
  // Slug and name of each of the organization's services, by slug (kMaxServiceNames services).
  virtual base::Result<std::vector<std::string>> FindServiceNames(records::OrganizationId org) = 0;
  // True for a member of `platform` with role owner (the is_platform_owner claim).
  virtual base::Result<bool> IsPlatformOwner(records::UserId user) = 0;
};

// One batch of writes, all durable when Commit returned kOk. Implemented by each store (and by the
// fake of the conformance suite); driven by the writer's commit loop alone.
class BatchApplier {
 public:
  virtual ~BatchApplier() = default;
  // Applies the records in order in one transaction and commits it. On kOk: one result a record,
  // each decided and durable; a record that was refused changed nothing. On any other Status
  // nothing of the batch was written and every record failed with it: kFull (disk full: keep
  // serving), kUnavailable (busy past the deadline), kCorrupt and kInternal (stop: a failed fsync
  // is never retried). An event of the audit log is written with its record. `origins`: one a record,
  // or none at all.
  virtual base::Result<std::vector<records::WriteResult>> Apply(
      std::span<const records::Write* const> records,
      std::span<const records::RecordSource* const> origins) = 0;
  base::Result<std::vector<records::WriteResult>> Apply(
      std::span<const records::Write* const> records) {
    return Apply(records, {});
  }
};

class Random {
 public:
  virtual ~Random() = default;
  // Cryptographically secure. Never fails (the process dies rather than go on without entropy).
  virtual void Fill(std::span<std::uint8_t> out) = 0;
};

// Time-ordered ids: UUIDv7 (RFC 9562 §5.7).
class Ids {
 public:
  virtual ~Ids() = default;
  virtual base::IdBytes New() = 0;
  template <class Tag>
  void Make(base::Id<Tag>* id) {
    id->bytes = New();
  }
};

class Digest {
 public:
  virtual ~Digest() = default;
  virtual records::Sha256 Sha256(base::ByteView bytes) const = 0;
};

// SHA-256, constant-time compare and the keyed derivation of refresh successors.
class Hashes : public Digest {
 public:
  virtual bool Equal(base::ByteView a,
                     base::ByteView b) const = 0;  // in constant time for equal sizes
  // HMAC-SHA-256 under a key derived from the master key.
  virtual records::Sha256 Hmac(base::ByteView message) const = 0;
};

// Argon2id, and whatever else an import brought. Slow by design: only the `login` pool calls it.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;
  virtual base::Result<std::string> Hash(std::string_view password) = 0;
  // false for a wrong password; an empty or unknown hash takes the time of a real one and is false.
  virtual bool Verify(std::string_view password, std::string_view password_hash) = 0;
  // An import brought it and its password was never right here: it may be of a password that is not
  // normalized (accounts/password_text.h).
  virtual bool IsImported(std::string_view password_hash) const = 0;
  // How many hashes of ours Verify costs with it, about: 1 to 10.
  virtual int PriceOf(std::string_view password_hash) const = 0;
  // What to store instead of a hash that is right for this normalized password. nullopt: nothing, for
  // it is ours and costs at least what Hash() takes today; or that cannot be made now.
  virtual std::optional<std::string> Renew(std::string_view password,
                                           std::string_view password_hash) = 0;
};

// The claims of a JWT access token (RFC 9068 §2.2) and of an ID token (OpenID Connect Core §2).
struct AccessTokenClaims {
  records::AccessTokenId jti;
  std::string iss;
  std::vector<std::string> aud;
  std::string sub;
  std::string client_id;
  std::string scope;
  std::string email;
  std::string org;
  std::string service;
  std::string plan;
  std::vector<std::string> features;
  bool is_platform_owner = false;
  std::string amr;
  base::Time auth_time;
  base::Time iat;
  base::Time exp;
};
struct IdTokenClaims {
  std::string iss;
  std::string aud;  // client_id
  std::string sub;
  std::string email;
  bool email_verified = true;
  std::string org;
  std::string sid;
  std::string amr;
  base::Time auth_time;
  base::Time iat;
  base::Time exp;
};

// Signs with the current key of an organization's issuers, kPlatformOrganizationId: of public_url (ES256 access tokens,
// RS256 ID tokens). kUnavailable: no usable key.
class TokenSigner {
 public:
  virtual ~TokenSigner() = default;
  virtual base::Result<std::string> Sign(records::OrganizationId key_owner,
                                         const AccessTokenClaims& claims) = 0;
  virtual base::Result<std::string> Sign(records::OrganizationId key_owner,
                                         const IdTokenClaims& claims) = 0;
};

// Last accepted poll and interval of each device code, in memory shared by all pools. Thread-safe
// and process-safe. A slot may be lost (the next poll counts as the first), never wrong.
class PollTable {
 public:
  virtual ~PollTable() = default;
  struct Verdict {
    bool too_fast = false;
    base::seconds interval{5};  // the one that holds from now on
  };
  // RFC 8628 §3.5: a poll sooner than interval (less a slack of 1 s) after the last accepted one is
  // too fast: interval grows by 5 s, to 60 s at most, and the mark stays. The first poll is always
  // accepted.
  virtual Verdict Poll(records::DeviceCodeId id, base::seconds initial_interval,
                       base::milliseconds now_since_boot) = 0;
};

// Bounded counting of events by key over a window, in memory shared by all pools. Each purpose has
// room of its own; where that is full some refuse and some let pass (limits/shared_table.cc).
// Thread-safe and process-safe.
class RateLimits {
 public:
  virtual ~RateLimits() = default;
  // Counts one event. false: `limit` events were counted in the window before it, or there is no room
  // to count it and the purpose is one that refuses then.
  virtual bool Take(const LimitKey& key, std::uint32_t limit, base::seconds window,
                    base::milliseconds now_since_boot) = 0;
  // Events counted in the current window, without counting one; kNoRoom where Take would refuse for
  // want of room: a caller that compares with its limit before it acts must come to the same answer,
  // or a full table would switch every limit off.
  static constexpr std::uint32_t kNoRoom = UINT32_MAX;
  virtual std::uint32_t Count(const LimitKey& key, base::milliseconds now_since_boot) = 0;
  // What is left of the current window, at least a second: when Take may go otherwise.
  virtual base::seconds Left(const LimitKey& key, base::milliseconds now_since_boot) = 0;
};

// Texts that may be used once within a window, in memory shared by all pools. Thread-safe and
// process-safe.
class UsedTexts {
 public:
  virtual ~UsedTexts() = default;
  enum class Use : std::uint8_t {
    kFirst,
    kRepeated,  // by the same request, which nginx sent again
    kUsed,
    kNoRoom,  // to remember it: it must not be believed
  };
  // Another request is taken for the one that used the text first with a chance of 2^-32.
  virtual Use Take(std::string_view text, records::RecordId request_id, base::seconds window,
                   base::milliseconds now_since_boot) = 0;
};

// What happened, for whoever watches. (Never who or which: it is counted, not logged.)
enum class Event : std::uint8_t {
  kWrongUserCode,
  kUserCodesLimited,  // not even tried: too many wrong ones
  kWrongPassword,
  kPasswordsLimited,  // by address
  kAccountLimited,    // by account
  kDeviceCodesLimited,
  kUnknownDeviceCodesLimited,
  kPollTooFast,
  kRefreshesLimited,
  kAssertionsLimited,
  kSignInsLimited,
  kDecisionsLimited,
  kCount
};
class Events {
 public:
  virtual ~Events() = default;
  virtual void Note(Event event) = 0;
};

// What a client asserts about itself (RFC 7523 §3, OpenID Connect Core §9), not yet believed.
struct AssertionClaims {
  std::string iss;
  std::string sub;
  std::vector<std::string> aud;
  std::string jti;  // empty: none
  std::optional<base::Time> exp;
  std::optional<base::Time> nbf;
  std::optional<base::Time> iat;
};

// JSON Web Tokens that others sign.
class AssertionVerifier {
 public:
  virtual ~AssertionVerifier() = default;
  // kInvalid: not a JWT with such claims.
  virtual base::Result<AssertionClaims> Read(std::string_view jwt) const = 0;
  // true where a key of `jwks` made the signature, by the algorithm of the key.
  virtual bool Verify(std::string_view jwt, std::string_view jwks) const = 0;
};

// All of it, as a function of the domain receives it. References outlive every pending write.
struct Ports {
  const base::Settings& settings;
  const base::Clock& clock;
  Directory& directory;
  Reader& reader;
  Random& random;
  Ids& ids;
  const Hashes& hashes;
  TokenSigner& signer;
  PollTable& polls;
  RateLimits& limits;
  const AssertionVerifier& assertions;
  UsedTexts& used_jtis;      // of assertions and proofs (RFC 7523 §3, RFC 9449 §11.1)
  Events* events = nullptr;  // null: nobody counts

  void Note(Event event) const {
    if (events != nullptr) events->Note(event);
  }
};

}  // namespace oauth
