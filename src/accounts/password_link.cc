#include "accounts/password_link.h"

#include <utility>

#include "accounts/organization.h"
#include "accounts/password_policy.h"
#include "accounts/password_text.h"
#include "domain/split_token.h"

namespace accounts {

namespace {

using domain::Answer;
using domain::Ports;

domain::Error NoLink(std::string description) {
  return {.code = domain::ErrorCode::kBadRequest, .description = std::move(description)};
}
domain::Error Unknown() {
  return NoLink(
      "This link is not known here, or was ended. Check that it was copied whole, or ask for a new "
      "one.");
}
domain::Error Used() {
  return NoLink(
      "This link was used already, or a newer one took its place. If you have just set your "
      "password, "
      "sign in with it.");
}
domain::Error Expired() { return NoLink("This link is too old to be used."); }

Answer<PasswordLink> Describe(records::PasswordLinkRow row, const Ports& ports) {
  auto organization = FindActiveOrganization(row.organization_id, ports);
  if (!organization.ok()) {
    if (organization.error().code != domain::ErrorCode::kNotFound) return organization.error();
    return NoLink("The organization of this link is not active.");
  }
  return PasswordLink{.row = std::move(row),
                      .organization_slug = std::move(organization->slug),
                      .organization_name = std::move(organization->name)};
}

// The link of the token, used or not.
Answer<PasswordLink> LookUp(std::string_view token, const LinksOf& of, const Ports& ports) {
  const auto split_token = domain::DecodeSplitToken<records::PasswordLinkTag>(token);
  if (!split_token) return Unknown();
  auto row = ports.reader.FindPasswordLink(split_token->id);
  if (!row.ok()) {
    return row.error().code() == base::Code::kNotFound ? Unknown()
                                                       : domain::ErrorOf(row.error().code());
  }
  if (!domain::HoldsSecret(*split_token, row->secret_hash, ports.hashes)) return Unknown();
  if (of && *of != row->organization_id) return Unknown();
  if (!row->used_by_record && row->expires_at <= ports.clock.Now()) return Expired();
  return Describe(std::move(*row), ports);
}

// What a guesser who knows the place and the person would try.
Answer<PlaceTexts> PlaceOf(const PasswordLink& link, const Ports& ports) {
  const auto services = ports.reader.FindServiceNames(link.row.organization_id);
  if (!services.ok()) return domain::ErrorOf(services.error().code());
  return PlaceTextsOf({.organization_slug = link.organization_slug,
                       .organization_name = link.organization_name,
                       .service_names = *services,
                       .email = link.row.user_email,
                       .public_url = ports.settings.public_url});
}

Answer<PasswordLink> AnswerOf(base::Code code, const PasswordLink& link) {
  switch (code) {
    case base::Code::kOk:
      return link;
    case base::Code::kConflict:
      return Used();
    case base::Code::kExpired:
      return Expired();
    case base::Code::kNotFound:
      return Unknown();
    default:
      return domain::ErrorOf(code);
  }
}

}  // namespace

Answer<PasswordLink> FindPasswordLink(std::string_view token, const LinksOf& of,
                                      const Ports& ports) {
  auto link = LookUp(token, of, ports);
  if (link.ok() && link->row.used_by_record) return Used();
  return link;
}

domain::Step<Answer<PasswordLink>> SetPassword(const NewPassword& request,
                                               domain::PasswordHasher& hasher, const Ports& ports) {
  // Where this very request used it before its answer was lost, the writer says so again. Everybody
  // else's ends here, before a hash is spent on it.
  auto link = LookUp(request.token, request.of, ports);
  if (!link.ok()) return link.error();
  const auto used_by = link->row.used_by_record;
  if (used_by && used_by != request.request_id) return Used();
  const auto place = PlaceOf(*link, ports);
  if (!place.ok()) return place.error();
  if (auto unfit = CheckNewPassword(request.password, request.repeated, *place)) {
    return std::move(*unfit);
  }
  auto hash = hasher.Hash(NormalizePassword(request.password));
  if (!hash.ok()) return domain::ErrorOf(hash.error().code());
  records::RedeemPasswordLink record{.record_id = request.request_id,
                                     .password_link_id = link->row.id,
                                     .organization_id = link->row.organization_id,
                                     .password_hash = std::move(*hash),
                                     .redeemed_at = ports.clock.Now()};
  return domain::PendingWrite<Answer<PasswordLink>>{
      std::move(record),
      [link = std::move(*link)](const records::WriteResult& result)
          -> domain::Step<Answer<PasswordLink>> { return AnswerOf(result.code, link); }};
}

}  // namespace accounts
