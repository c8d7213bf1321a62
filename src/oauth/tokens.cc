#include "oauth/tokens.h"

#include <algorithm>
#include <vector>

#include "domain/issuer.h"
#include "oauth/scope.h"

namespace oauth {

namespace {

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (const auto line = text.substr(0, end); !line.empty()) lines.emplace_back(line);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

base::seconds AccessTokenLifetime(const records::ServiceRow& service,
                                  const base::Settings& settings) {
  return base::seconds(service.access_token_lifetime_s > 0 ? service.access_token_lifetime_s
                                                           : settings.access_token_s);
}

// Who verifies a token without asking us sees no status: a plan stands in it only while it is good.
bool IsInForce(const records::SubscriptionRow& subscription, base::Time now) {
  using records::SubscriptionStatus;
  const bool is_over = subscription.current_period_end && *subscription.current_period_end <= now;
  return subscription.status != SubscriptionStatus::kCanceled && !is_over;
}

base::Status FillPlan(const Subject& subject, const Client& client, const domain::Ports& ports,
                      domain::AccessTokenClaims* claims) {
  const auto subscription = ports.reader.FindSubscription(client.row->organization_id,
                                                          subject.user_id, client.row->service_id);
  if (!subscription.ok()) return subscription.error();
  if (!*subscription || !IsInForce(**subscription, ports.clock.Now())) return {};
  const auto plan = ports.directory.FindPlan(client.row->organization_id, (*subscription)->plan_id);
  if (!plan.ok()) return plan.error();
  claims->plan = (*plan)->name;
  claims->features = Lines((*plan)->features);
  return {};
}

std::vector<std::string> AudienceOf(const Subject& subject, const Client& client) {
  if (!subject.resource.empty()) return {subject.resource};
  return {subject.issuer, client.organization->slug + "/" + client.service->slug};
}

// Empty where the scope does not give it.
std::string EmailFor(const Subject& subject) {
  return Gives(subject.scope, ScopedClaim::kEmail) ? subject.email : std::string();
}

std::string IdAndSecret(const domain::SplitToken<records::RefreshTokenTag>& parent) {
  std::string message(base::AsText(parent.id.bytes));
  message.append(base::AsText(parent.secret));
  return message;
}

MadeRefreshToken FromSecret(records::RefreshTokenId id, const domain::Secret& secret,
                            const domain::Ports& ports) {
  return {.record = {.id = id,
                     .secret_hash = ports.hashes.Sha256(secret),
                     .expires_at =
                         ports.clock.Now() + base::seconds(ports.settings.refresh_token_idle_s)},
          .text = domain::EncodeSplitToken(id, secret)};
}

}  // namespace

base::seconds GrantLifetime(const records::ClientRow& client, const records::ServiceRow& service,
                            const base::Settings& settings) {
  return client.refresh_token_allowed ? base::seconds(settings.refresh_token_absolute_s)
                                      : AccessTokenLifetime(service, settings);
}

domain::Answer<MadeAccessToken> MakeAccessToken(const Subject& subject, const Client& client,
                                                const domain::Ports& ports) {
  const base::Time now = ports.clock.Now();
  const base::Time exp = std::min<base::Time>(
      now + AccessTokenLifetime(*client.service, ports.settings), subject.grant_expires_at);
  domain::AccessTokenClaims claims{.jti = {},
                                   .iss = subject.issuer,
                                   .aud = AudienceOf(subject, client),
                                   .sub = base::ToText(subject.user_id),
                                   .client_id = client.row->client_id,
                                   .scope = subject.scope,
                                   .email = EmailFor(subject),
                                   .org = client.organization->slug,
                                   .service = client.service->slug,
                                   .plan = {},
                                   .features = {},
                                   .is_platform_owner = false,
                                   .amr = subject.amr,
                                   .auth_time = subject.auth_time,
                                   .iat = now,
                                   .exp = exp};
  ports.ids.Make(&claims.jti);
  if (base::Status status = FillPlan(subject, client, ports, &claims); !status.ok()) {
    return domain::ErrorOf(status.code());
  }
  const auto is_owner = ports.reader.IsPlatformOwner(subject.user_id);
  if (!is_owner.ok()) return domain::ErrorOf(is_owner.error().code());
  claims.is_platform_owner = *is_owner;
  auto text = ports.signer.Sign(domain::KeyOwner(*client.row), claims);
  if (!text.ok()) return domain::ErrorOf(text.error().code());
  return MadeAccessToken{.record = {.id = claims.jti,
                                    .token_hash = ports.hashes.Sha256(base::AsBytes(*text)),
                                    .scope = subject.scope,
                                    .expires_at = exp,
                                    .resource = subject.resource},
                         .text = std::move(*text),
                         .expires_in = std::chrono::floor<base::seconds>(exp - now)};
}

domain::Answer<std::optional<std::string>> MakeIdToken(const Subject& subject, const Client& client,
                                                       const domain::Ports& ports) {
  if (!HasScope(subject.scope, kOpenidScope)) return std::optional<std::string>();
  const auto user = ports.reader.FindUser(client.row->organization_id, subject.user_id);
  if (!user.ok()) return domain::ErrorOf(user.error().code());
  const base::Time now = ports.clock.Now();
  const domain::IdTokenClaims claims{
      .iss = subject.issuer,
      .aud = client.row->client_id,
      .sub = base::ToText(subject.user_id),
      .email = EmailFor(subject),
      .email_verified = user->email_verified,
      .org = client.organization->slug,
      .sid = base::ToText(subject.grant_id),
      .amr = subject.amr,
      .auth_time = subject.auth_time,
      .iat = now,
      .exp = now + AccessTokenLifetime(*client.service, ports.settings)};
  auto text = ports.signer.Sign(domain::KeyOwner(*client.row), claims);
  if (!text.ok()) return domain::ErrorOf(text.error().code());
  return std::optional(std::move(*text));
}

MadeRefreshToken MakeRefreshToken(const domain::Ports& ports) {
  records::RefreshTokenId id;
  ports.ids.Make(&id);
  domain::Secret secret{};
  ports.random.Fill(secret);
  return FromSecret(id, secret, ports);
}

MadeRefreshToken MakeSuccessor(const domain::SplitToken<records::RefreshTokenTag>& parent,
                               records::RefreshTokenId id, const domain::Ports& ports) {
  return FromSecret(id, ports.hashes.Hmac(base::AsBytes(IdAndSecret(parent))), ports);
}

}  // namespace oauth
