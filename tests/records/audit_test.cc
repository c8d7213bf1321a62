#include "records/audit/audit.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/bytes.h"
#include "records/audit/audit_seal.h"

namespace records {
namespace {

TEST(Audit, EveryEventHasANameOfItsOwnThatFindsIt) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(AuditEvent::kCount); ++i) {
    const auto event = static_cast<AuditEvent>(i);
    EXPECT_TRUE(names.insert(ToText(event)).second) << ToText(event);
    EXPECT_EQ(AuditEventNamed(ToText(event)), event);
  }
  EXPECT_EQ(AuditEventNamed("unknown"), std::nullopt);
  EXPECT_EQ(AuditEventNamed(""), std::nullopt);
}

TEST(Audit, ADetailIsBounded) {
  const Write write = CreateOrganization{.record_id = {},
                                         .row = {.id = {},
                                                 .slug = std::string(5000, 's'),
                                                 .name = {},
                                                 .created_at = {},
                                                 .updated_at = {}}};
  EXPECT_EQ(NoteOf(write, {.code = base::Code::kOk})->detail.size(), kMaxAuditDetailBytes);
}

TEST(Audit, AnOperatorTakesTheUsersPlaceAsActor) {
  AuditNote note{.event = AuditEvent::kSignedOut,
                 .organization_id = {},
                 .actor = AuditActor::kUser,
                 .user_id = UserId{{1}},
                 .subject_id = {},
                 .detail = {}};
  const AuditRow by_user = RowOf(note, {}, {}, {});
  EXPECT_EQ(by_user.actor_id, UserId{{1}});
  const AuditRow by_operator = RowOf(note, {}, {.address = {}, .operator_name = "a (uid 0)"}, {});
  EXPECT_EQ(by_operator.actor, AuditActor::kOperator);
  EXPECT_EQ(by_operator.actor_id, std::nullopt);
  EXPECT_EQ(by_operator.user_id, UserId{{1}});
}

AuditRow Sample() {
  return {.sequence = 7,
          .organization_id = kPlatformOrganizationId,
          .at = base::FromUnixMillis(1'790'000'000'000),
          .event = AuditEvent::kKeyCreated,
          .record_id = {{1, 2, 3}},
          .actor = AuditActor::kOperator,
          .actor_id = std::nullopt,
          .actor_name = "alice (uid 0)",
          .user_id = UserId{{4}},
          .subject_id = AuditSubjectId{{5}},
          .address = "203.0.113.7",
          .detail = "kid=k"};
}

// Seals are kept for years: these bytes never change.
TEST(AuditSeal, HasTheBytesItAlwaysHad) {
  AuditSealInput input(kPlatformOrganizationId, 5, 9, Sha256{0xff});
  input.Add(Sample());
  EXPECT_EQ(base::HexEncode(base::AsBytes(input.bytes())),
            // "latchkey audit seal 1\n", organization, first, last, former
            "6c617463686b6579206175646974207365616c20310a010000000000700080000000000000010000"
            "0000000000050000000000000009ff00000000000000000000000000000000000000000000000000"
            "000000000000"
            // the row
            "0000000000000007000001a0c4506c001e0102030000000000000000000000000003000000000d61"
            "6c696365202875696420302901040000000000000000000000000000000105000000000000000000"
            "0000000000000000000b3230332e302e3131332e37000000056b69643d6b");
}

TEST(AuditSeal, TextsCannotFlowIntoEachOther) {
  AuditRow one = Sample();
  AuditRow other = Sample();
  one.address = "12";
  one.detail = "3";
  other.address = "1";
  other.detail = "23";
  AuditSealInput first({}, 1, 1, {});
  AuditSealInput second({}, 1, 1, {});
  first.Add(one);
  second.Add(other);
  EXPECT_NE(first.bytes(), second.bytes());
}

}  // namespace
}  // namespace records
