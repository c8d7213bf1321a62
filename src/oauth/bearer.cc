#include "oauth/bearer.h"

#include <array>
#include <utility>

#include "oauth/scope.h"

namespace oauth {

namespace {

constexpr std::string_view kPrefix = R"({"jti":")";
constexpr std::size_t kJtiCharacters = 22;                           // 16 bytes of base64url
constexpr std::size_t kReadBytes = kPrefix.size() + kJtiCharacters;  // 30
constexpr std::size_t kReadCharacters = kReadBytes / 3 * 4;          // 40: no bits left over
static_assert(kReadBytes % 3 == 0);
constexpr std::size_t kMaxTokenBytes = 8192;

domain::Error InvalidToken() {
  return {.code = domain::ErrorCode::kInvalidToken,
          .description = "The access token is not valid."};
}

domain::Error TokenExpired() {
  return {.code = domain::ErrorCode::kTokenExpired, .description = "The access token is over."};
}

// What stands behind the token and is still good: the directory's part of the check.
struct Standing {
  const records::OrganizationRow* organization = nullptr;
  const records::ServiceRow* service = nullptr;
};

domain::Answer<Standing> CheckDirectory(const records::AccessTokenRow& token,
                                        std::string_view issuer, const domain::Ports& ports) {
  const auto organization = ports.directory.FindOrganization(token.organization_id);
  const auto client = ports.directory.FindClientByRow(token.organization_id, token.client_row_id);
  const auto service = ports.directory.FindService(token.organization_id, token.service_id);
  for (const base::Status& status : {organization.status(), client.status(), service.status()}) {
    if (!status.ok()) {
      return status.code() == base::Code::kNotFound ? InvalidToken()
                                                    : domain::ErrorOf(status.code());
    }
  }
  if ((*organization)->status != records::OrganizationStatus::kActive || (*client)->disabled ||
      (*client)->issuer != issuer) {
    return InvalidToken();
  }
  return Standing{.organization = *organization, .service = *service};
}

domain::Answer<Standing> Check(std::string_view access_token, const records::AccessTokenRow& token,
                               std::string_view issuer, const domain::Ports& ports) {
  const records::Sha256 hash = ports.hashes.Sha256(base::AsBytes(access_token));
  if (!ports.hashes.Equal(hash, token.token_hash)) return InvalidToken();
  if (token.grant_revoked || token.user_status != records::UserStatus::kActive)
    return InvalidToken();
  if (token.expires_at <= ports.clock.Now()) return TokenExpired();
  // Its audience is another API, which may hold it, but must not use it here (RFC 8707 §2).
  if (!token.resource.empty()) return InvalidToken();
  return CheckDirectory(token, issuer, ports);
}

domain::Answer<records::AccessTokenId> IdOf(std::string_view access_token) {
  if (access_token.empty()) {
    return domain::Error{.code = domain::ErrorCode::kMissingToken,
                         .description = "This needs an access token."};
  }
  const auto id = ReadJti(access_token);
  if (!id) return InvalidToken();
  return *id;
}

domain::Error ReadError(base::Code code) {
  return code == base::Code::kNotFound ? InvalidToken() : domain::ErrorOf(code);
}

}  // namespace

std::optional<records::AccessTokenId> ReadJti(std::string_view access_token) {
  if (access_token.size() > kMaxTokenBytes) return std::nullopt;
  const std::size_t dot = access_token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view payload = access_token.substr(dot + 1);
  std::array<std::uint8_t, kReadBytes> bytes{};
  if (!base::Base64UrlDecodeInto(payload.substr(0, kReadCharacters), bytes)) return std::nullopt;
  const std::string_view text = base::AsText(bytes);
  if (!text.starts_with(kPrefix)) return std::nullopt;
  records::AccessTokenId id;
  if (!base::Base64UrlDecodeInto(text.substr(kPrefix.size()), id.bytes)) return std::nullopt;
  return id;
}

domain::Answer<UserAnswer> GetUser(std::string_view access_token, std::string_view issuer,
                                   const domain::Ports& ports) {
  const auto id = IdOf(access_token);
  if (!id.ok()) return id.error();
  auto token = ports.reader.FindAccessToken(*id);
  if (!token.ok()) return ReadError(token.error().code());
  const auto standing = Check(access_token, *token, issuer, ports);
  if (!standing.ok()) return standing.error();
  return UserAnswer{.id = base::ToText(token->user_id),
                    .email = Gives(token->scope, ScopedClaim::kEmail) ? std::move(token->user_email)
                                                                      : std::string(),
                    .org = standing->organization->slug,
                    .service = standing->service->slug};
}

domain::Answer<SubscriptionAnswer> GetSubscription(std::string_view access_token,
                                                   std::string_view issuer,
                                                   const domain::Ports& ports) {
  const auto id = IdOf(access_token);
  if (!id.ok()) return id.error();
  const auto row = ports.reader.FindAccessTokenWithSubscription(*id);
  if (!row.ok()) return ReadError(row.error().code());
  const auto standing = Check(access_token, row->token, issuer, ports);
  if (!standing.ok()) return standing.error();
  SubscriptionAnswer answer{.service = standing->service->slug,
                            .plan = "free",
                            .features = {},
                            .status = records::SubscriptionStatus::kActive,
                            .current_period_end = std::nullopt};
  if (!row->subscription) return answer;
  const auto plan =
      ports.directory.FindPlan(row->token.organization_id, row->subscription->plan_id);
  if (!plan.ok()) return domain::ErrorOf(plan.error().code());
  answer.plan = (*plan)->name;
  answer.features = (*plan)->features;
  answer.status = row->subscription->status;
  answer.current_period_end = row->subscription->current_period_end;
  return answer;
}

domain::Step<domain::Answer<LoggedOut>> Logout(std::string_view access_token,
                                               std::string_view issuer,
                                               records::RecordId request_id,
                                               const domain::Ports& ports) {
  const auto id = IdOf(access_token);
  if (!id.ok()) return id.error();
  auto token = ports.reader.FindAccessToken(*id);
  if (!token.ok()) return ReadError(token.error().code());
  // This very request may have ended the grant, through a child that died before it answered: the
  // writer knows.
  const bool is_over = std::exchange(token->grant_revoked, false);
  const auto standing = Check(access_token, *token, issuer, ports);
  if (!standing.ok()) return standing.error();
  return domain::PendingWrite<domain::Answer<LoggedOut>>{
      records::RevokeGrant{.record_id = request_id,
                           .organization_id = token->organization_id,
                           .grant_id = token->grant_id,
                           .revoked_at = ports.clock.Now()},
      [is_over](const records::WriteResult& result) -> domain::Step<domain::Answer<LoggedOut>> {
        if (result.code != base::Code::kOk && result.code != base::Code::kNotFound) {
          return domain::ErrorOf(result.code);
        }
        if (is_over && result.count == 0) return InvalidToken();
        return LoggedOut{};
      }};
}

}  // namespace oauth
