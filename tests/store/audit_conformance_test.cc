// The rows of the audit log, on every store: one for each event, written with it or not at all.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "store/conformance.h"

namespace store_test {
namespace {

using records::AuditActor;
using records::AuditEvent;
using records::AuditRow;

class AuditLog : public StoreConformance {
 protected:
  AuditLog() { seen_ = Audit().size(); }

  records::RecordId NewRecord() { return s.ids.Make<records::RecordId>(); }

  // What came since the last look.
  std::vector<AuditRow> Fresh() {
    std::vector<AuditRow> rows = Audit();
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(seen_));
    seen_ += rows.size();
    return rows;
  }
  std::vector<AuditEvent> FreshEvents() {
    std::vector<AuditEvent> events;
    for (const AuditRow& row : Fresh()) events.push_back(row.event);
    return events;
  }
  // Applies the record twice, as a peer does whose answer was lost: it is one event.
  std::vector<AuditEvent> EventsOf(const records::Write& write) {
    const Code first = Try(write);
    EXPECT_EQ(Try(write), first) << records::NameOf(write);
    return FreshEvents();
  }
  WriteResult DoFrom(const records::Write& write, const records::RecordSource& origin) {
    const records::Write* const writes[] = {&write};
    const records::RecordSource* const origins[] = {&origin};
    const auto results = applier().Apply(writes, origins);
    EXPECT_TRUE(results.ok());
    return results.ok() ? results->front() : WriteResult{};
  }

  records::OrganizationId Acme() const { return acme.organization.row.id; }
  records::RecordFailedSignIn FailedSignIn() {
    return {.record_id = NewRecord(),
            .organization_id = Acme(),
            .reason = records::FailedSignIn::kWrongPassword,
            .user_id = acme.user.row.id,
            .failed_at = kNow,
            .guess_window = minutes(15),
            .account_limit = 2};
  }

 private:
  std::size_t seen_ = 0;
};

using Events = std::vector<AuditEvent>;

INSTANTIATE_FOR_EACH_STORE(AuditLog);

TEST_P(AuditLog, ATenantsBeginningIsOnRecordInTheOrderOfCommits) {
  std::vector<AuditRow> rows = Audit();
  ASSERT_EQ(rows.size(), 10U) << "two tenants of five records";
  const Events expected{AuditEvent::kOrganizationCreated, AuditEvent::kServiceCreated,
                        AuditEvent::kPlanCreated, AuditEvent::kUserCreated,
                        AuditEvent::kSubscriptionCreated};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].sequence, static_cast<std::int64_t>(i) + 1) << "without a gap";
    EXPECT_EQ(rows[i].event, expected[i % 5]);
    EXPECT_EQ(rows[i].at, kNow);
    const Tenant& tenant = i < 5 ? acme : globex;
    EXPECT_EQ(rows[i].organization_id, tenant.organization.row.id);
  }
  EXPECT_EQ(rows[0].record_id, acme.organization.record_id);
  EXPECT_EQ(rows[0].detail, "slug=acme");
  EXPECT_EQ(rows[1].subject_id->bytes, acme.service.row.id.bytes);
  EXPECT_EQ(rows[1].detail, "slug=cli client_id=acme-cli client_type=public");
  EXPECT_EQ(rows[3].user_id, acme.user.row.id);
  EXPECT_EQ(rows[3].detail.find('@'), std::string::npos) << "no e-mail address";
}

TEST_P(AuditLog, TheHotPathLeavesNoRowAndApprovalAndRedemptionOneEach) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(EventsOf(code), Events{});
  const auto decision = s.Decision(acme, code);
  EXPECT_EQ(EventsOf(decision), Events{AuditEvent::kDeviceApproved});
  const auto redemption = s.Redemption(acme, code);
  EXPECT_EQ(EventsOf(redemption), Events{AuditEvent::kDeviceRedeemed});
  const auto refresh =
      s.Rotation(redemption, redemption.refresh_token->id, redemption.redeemed_at + hours(1));
  EXPECT_EQ(EventsOf(refresh), Events{});
  EXPECT_EQ(EventsOf(records::Probe{.record_id = NewRecord(), .probed_at = kNow}), Events{});
}

TEST_P(AuditLog, AChildsDeathIsThePlatformsAndNamesTheRequestItDiedOf) {
  records::RecordChildDeath death{.record_id = NewRecord(),
                                  .request_id = NewRecord(),
                                  .child = "api-2",
                                  .how = "signal 6 (Aborted)"};
  EXPECT_EQ(EventsOf(death), Events{AuditEvent::kChildDied});
  auto failed =
      FailedSignIn();  // the request had left a row of its own before the child died of it
  failed.record_id = NewRecord();
  EXPECT_EQ(EventsOf(failed), Events{AuditEvent::kSignInFailed});
  death.record_id = NewRecord();
  death.request_id = failed.record_id;
  DoFrom(death, {.address = "203.0.113.7", .operator_name = {}});
  const auto rows = Fresh();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].organization_id, records::kPlatformOrganizationId);
  EXPECT_EQ(rows[0].record_id, failed.record_id);
  EXPECT_EQ(rows[0].actor, AuditActor::kNobody);
  EXPECT_EQ(rows[0].address, "203.0.113.7");
  EXPECT_EQ(rows[0].detail, "child=api-2 how=signal 6 (Aborted)");
}

TEST_P(AuditLog, ARowSaysWhoWhatWhomAndFromWhere) {
  const auto code = s.DeviceCode(acme);
  Do(code);
  const auto decision = s.Decision(acme, code);
  DoFrom(decision, {.address = "203.0.113.7", .operator_name = {}});
  const auto redemption = s.Redemption(acme, code);
  DoFrom(redemption, {.address = "2001:db8::1", .operator_name = {}});
  const auto rows = Fresh();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].actor, AuditActor::kUser);
  EXPECT_EQ(rows[0].actor_id, acme.user.row.id);
  EXPECT_EQ(rows[0].user_id, acme.user.row.id);
  EXPECT_EQ(rows[0].subject_id->bytes, code.device_code_id.bytes);
  EXPECT_EQ(rows[0].record_id, decision.record_id);
  EXPECT_EQ(rows[0].address, "203.0.113.7");
  EXPECT_EQ(rows[0].actor_name, "");
  EXPECT_EQ(rows[1].actor, AuditActor::kApp);
  EXPECT_EQ(rows[1].actor_id, std::nullopt);
  EXPECT_EQ(rows[1].user_id, acme.user.row.id);
  EXPECT_EQ(rows[1].subject_id->bytes, redemption.grant.id.bytes);
  EXPECT_EQ(rows[1].address, "2001:db8::1");
}

TEST_P(AuditLog, AnOperatorIsTheActorOfWhatTheySend) {
  const auto redeemed = Grant();
  Fresh();
  DoFrom(records::RevokeGrant{.record_id = NewRecord(),
                              .organization_id = Acme(),
                              .grant_id = redeemed.grant.id,
                              .revoked_at = kNow},
         {.address = {}, .operator_name = "alice (uid 0)"});
  const auto rows = Fresh();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].event, AuditEvent::kGrantRevoked);
  EXPECT_EQ(rows[0].actor, AuditActor::kOperator);
  EXPECT_EQ(rows[0].actor_name, "alice (uid 0)");
  EXPECT_EQ(rows[0].user_id, acme.user.row.id) << "whose redeemed it was";
}

TEST_P(AuditLog, APersonsRefusalIsAnEvent) {
  const auto code = s.DeviceCode(acme);
  Do(code);
  auto refusal = s.Decision(acme, code);
  refusal.approve = false;
  EXPECT_EQ(EventsOf(refusal), Events{AuditEvent::kDeviceRefused});
}

TEST_P(AuditLog, WhatTheWriterRefusesIsNoEventUnlessSomebodyElseMayBeBehindIt) {
  const auto code = s.DeviceCode(acme);
  Do(code);
  auto stale = s.Decision(acme, code);
  stale.session_epoch = 7;
  EXPECT_EQ(EventsOf(stale), Events{AuditEvent::kDeviceApprovalFailed});
  auto late = s.Decision(acme, code);
  late.decided_at = code.expires_at;
  EXPECT_EQ(EventsOf(late), Events{}) << "expired";
  auto session = s.SignIn(acme.user);
  session.session_epoch = 7;
  EXPECT_EQ(EventsOf(session), Events{AuditEvent::kSignInFailed});
  EXPECT_EQ(EventsOf(s.Organization("acme")), Events{}) << "the slug is taken";
  EXPECT_EQ(EventsOf(s.Redemption(acme, code)), Events{}) << "not approved";
}

TEST_P(AuditLog, SigningInAndOutAndFailingTo) {
  const auto session = s.SignIn(acme.user);
  EXPECT_EQ(EventsOf(session), Events{AuditEvent::kSignedIn});
  const records::EndSession end{
      .record_id = NewRecord(), .organization_id = Acme(), .session_id = session.session_id};
  Do(end);
  const auto rows = Fresh();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].event, AuditEvent::kSignedOut);
  EXPECT_EQ(rows[0].user_id, acme.user.row.id);
  EXPECT_EQ(rows[0].actor_id, acme.user.row.id);
  auto again = end;
  again.record_id = NewRecord();
  EXPECT_EQ(EventsOf(again), Events{}) << "it was over already";

  EXPECT_EQ(EventsOf(FailedSignIn()), Events{AuditEvent::kSignInFailed});
  EXPECT_EQ(EventsOf(FailedSignIn()), Events{AuditEvent::kSignInFailed}) << "another attempt";
  EXPECT_EQ(Audit().back().detail, "reason=wrong_password account_locked") << "the second of two";
  EXPECT_EQ(Audit().back().actor, AuditActor::kNobody);
  auto nowhere = FailedSignIn();
  nowhere.organization_id = s.ids.Make<records::OrganizationId>();
  EXPECT_EQ(Try(nowhere), Code::kNotFound);
  EXPECT_EQ(FreshEvents(), Events{});
}

TEST_P(AuditLog, AReusedRefreshTokenIsTheEventThatEndsItsGrant) {
  const auto redeemed = Grant();
  const Time later = redeemed.redeemed_at + hours(1);
  const auto first = s.Rotation(redeemed, redeemed.refresh_token->id, later);
  EXPECT_EQ(Try(first), Code::kOk);
  EXPECT_EQ(Try(s.Rotation(redeemed, first.successor.id, later)), Code::kOk);
  Fresh();
  const auto reuse = s.Rotation(redeemed, redeemed.refresh_token->id, later + hours(1));
  EXPECT_EQ(EventsOf(reuse), Events{AuditEvent::kRefreshTokenReused});
  EXPECT_EQ(Audit().back().user_id, acme.user.row.id);
  EXPECT_EQ(Audit().back().subject_id->bytes, redeemed.grant.id.bytes);
  EXPECT_EQ(EventsOf(s.Rotation(redeemed, redeemed.refresh_token->id, later + hours(2))), Events{})
      << "the redeemed is over";
}

TEST_P(AuditLog, RevocationsAreEventsOnce) {
  const auto redeemed = Grant();
  Fresh();
  records::RevokeGrant revocation{.record_id = NewRecord(),
                                  .organization_id = Acme(),
                                  .grant_id = redeemed.grant.id,
                                  .revoked_at = kNow};
  EXPECT_EQ(EventsOf(revocation), Events{AuditEvent::kGrantRevoked});
  revocation.record_id = NewRecord();
  EXPECT_EQ(EventsOf(revocation), Events{}) << "revoked already";
  EXPECT_EQ(EventsOf(records::RevokeUserGrants{.record_id = NewRecord(),
                                               .organization_id = Acme(),
                                               .user_id = acme.user.row.id,
                                               .revoked_at = kNow}),
            Events{AuditEvent::kUserGrantsRevoked});
}

TEST_P(AuditLog, AdministrationIsOnRecordWithWhatWasChangedAndNoValueThatIsSecretOrPersonal) {
  EXPECT_EQ(EventsOf(records::UpdateOrganization{.record_id = NewRecord(),
                                                 .organization_id = Acme(),
                                                 .name = "New name",
                                                 .status = records::OrganizationStatus::kSuspended,
                                                 .updated_at = kNow}),
            Events{AuditEvent::kOrganizationUpdated});
  EXPECT_EQ(Audit().back().detail, "name status=suspended");
  records::UpdateUser user{.record_id = NewRecord(),
                           .user_id = acme.user.row.id,
                           .organization_id = Acme(),
                           .email = "new@example.com",
                           .status = std::nullopt,
                           .unlocked_at = kNow,
                           .updated_at = kNow};
  EXPECT_EQ(EventsOf(user), Events{AuditEvent::kUserUpdated});
  EXPECT_EQ(Audit().back().detail, "email unlocked_at");
  user.record_id = NewRecord();
  EXPECT_EQ(EventsOf(user), Events{AuditEvent::kUserUpdated}) << "the same change once more";
  records::UpdateService service{.record_id = NewRecord(),
                                 .service_id = acme.service.row.id,
                                 .organization_id = Acme(),
                                 .name = std::nullopt,
                                 .access_token_lifetime_s = 60,
                                 .client_disabled = true,
                                 .refresh_token_allowed = std::nullopt,
                                 .client_secret_hash = s.ids.Hash(),
                                 .resources = std::nullopt,
                                 .client_jwks = std::nullopt,
                                 .default_scope = "email",
                                 .allowed_scope = std::nullopt};
  EXPECT_EQ(EventsOf(service), Events{AuditEvent::kServiceUpdated});
  EXPECT_EQ(Audit().back().detail,
            "access_token_lifetime_s=60 client_disabled=true client_secret_hash default_scope");
  const auto next = s.SigningKey(Acme(), "kid-1", records::SigningKeyState::kNext);
  EXPECT_EQ(EventsOf(next), Events{AuditEvent::kKeyCreated});
  EXPECT_EQ(Audit().back().detail, "kid=kid-1 alg=ES256 state=next");
  EXPECT_EQ(EventsOf(records::PromoteSigningKey{.record_id = NewRecord(),
                                                .signing_key_id = next.row.id,
                                                .organization_id = Acme(),
                                                .promoted_at = kNow,
                                                .retire_at = kNow + hours(24)}),
            Events{AuditEvent::kKeyPromoted});
  const auto link = s.PasswordLink(acme.user);
  EXPECT_EQ(EventsOf(link), Events{AuditEvent::kPasswordLinkCreated});
  EXPECT_EQ(EventsOf(records::RedeemPasswordLink{.record_id = NewRecord(),
                                                 .password_link_id = link.password_link_id,
                                                 .organization_id = Acme(),
                                                 .password_hash = "$argon2id$new",
                                                 .redeemed_at = kNow}),
            Events{AuditEvent::kPasswordSet});
  EXPECT_EQ(Audit().back().user_id, acme.user.row.id);
  EXPECT_EQ(EventsOf(records::DeleteUser{.record_id = NewRecord(),
                                         .user_id = acme.user.row.id,
                                         .organization_id = Acme(),
                                         .deleted_at = kNow}),
            Events{AuditEvent::kUserDeleted});
}

TEST_P(AuditLog, TheLogOfAnOrganizationOutlivesIt) {
  const auto initech = s.Organization("initech");
  EXPECT_EQ(EventsOf(initech), Events{AuditEvent::kOrganizationCreated});
  EXPECT_EQ(EventsOf(records::DeleteOrganization{.record_id = NewRecord(),
                                                 .organization_id = initech.row.id}),
            Events{AuditEvent::kOrganizationDeleted});
  EXPECT_EQ(std::ranges::count(Audit(), initech.row.id, &AuditRow::organization_id), 2);
}

TEST_P(AuditLog, OneBatchHasARowForEachOfItsEventsAndOneForARecordThatIsInItTwice) {
  const auto first = s.DeviceCode(acme);
  const auto second = s.DeviceCode(globex);
  Batch({first, second});
  const auto approve_first = s.Decision(acme, first);
  Batch({approve_first, s.Decision(globex, second), approve_first});
  const auto rows = Fresh();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].organization_id, Acme());
  EXPECT_EQ(rows[1].organization_id, globex.organization.row.id);
  EXPECT_EQ(rows[1].sequence, rows[0].sequence + 1);
}

}  // namespace
}  // namespace store_test
