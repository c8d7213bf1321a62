#include "accounts/password_link.h"

#include <gtest/gtest.h>

#include "accounts/fakes.h"

namespace accounts {
namespace {

using domain::Answer;
using domain::ErrorCode;
using testing_accounts::Finish;
using testing_accounts::MakeId;
using testing_oauth::Awaited;

constexpr std::string_view kGood = "correct horse battery";

class PasswordLinkTest : public testing::Test {
 protected:
  PasswordLinkTest() {
    world.rows.organizations = {testing_accounts::Organization(1, "acme")};
    records::PasswordLinkRow row;
    row.id = MakeId<records::PasswordLinkId>(4);
    row.organization_id = MakeId<records::OrganizationId>(1);
    row.user_id = MakeId<records::UserId>(1);
    row.secret_hash = world.hashes.Sha256(kSecret);
    row.expires_at = world.clock.Now() + base::seconds(60);
    row.user_email = "alice@example.com";
    world.rows.password_links = {row};
  }

  records::PasswordLinkRow& Row() { return world.rows.password_links.front(); }

  std::string Token() const {
    return domain::EncodeSplitToken(MakeId<records::PasswordLinkId>(4), kSecret);
  }

  domain::Step<Answer<PasswordLink>> Set(std::string token, std::string_view password,
                                         std::string_view repeated) {
    return SetPassword({.request_id = MakeId<records::RecordId>(9),
                        .token = std::move(token),
                        .of = of,
                        .password = std::string(password),
                        .repeated = std::string(repeated)},
                       world.hasher, world.ports);
  }

  std::string FindError(const std::string& token) {
    const auto link = FindPasswordLink(token, std::nullopt, world.ports);
    if (link.ok()) return {};
    EXPECT_EQ(link.error().code, ErrorCode::kBadRequest);
    return link.error().description;
  }

  static constexpr domain::Secret kSecret{1, 2, 3};
  LinksOf of;
  testing_accounts::World world;
};

TEST_F(PasswordLinkTest, LinkNamesItsUserAndOrganization) {
  const auto link = FindPasswordLink(Token(), std::nullopt, world.ports);
  ASSERT_TRUE(link.ok());
  EXPECT_EQ(link->row.user_email, "alice@example.com");
  EXPECT_EQ(link->organization_slug, "acme");
}

TEST_F(PasswordLinkTest, AtAnOrganizationItsLinksAloneAreKnown) {
  of = Row().organization_id;
  EXPECT_TRUE(FindPasswordLink(Token(), of, world.ports).ok());
  of = MakeId<records::OrganizationId>(77);
  EXPECT_EQ(FindPasswordLink(Token(), of, world.ports).error().description,
            FindError("not a token"));
  const auto refused = Set(Token(), "correct horse", "correct horse");
  EXPECT_EQ(std::get<Answer<PasswordLink>>(refused).error().code, ErrorCode::kBadRequest);
}

TEST_F(PasswordLinkTest, UnknownAndForgedLinksAreAnsweredAlikeEvenWhenUsed) {
  const std::string forged =
      domain::EncodeSplitToken(MakeId<records::PasswordLinkId>(4), domain::Secret{9});
  const std::string unknown = FindError("not a token");
  EXPECT_FALSE(unknown.empty());
  EXPECT_EQ(FindError(forged), unknown);
  Row().used_by_record = records::RecordId{};
  EXPECT_EQ(FindError(forged), unknown);
}

TEST_F(PasswordLinkTest, UsedAndExpiredLinksSaySo) {
  world.clock.Advance(base::seconds(60));
  const std::string expired = FindError(Token());
  Row().used_by_record = records::RecordId{};
  const std::string used = FindError(Token());
  EXPECT_NE(expired.find("too old"), std::string::npos);
  EXPECT_NE(used.find("used already"), std::string::npos);
}

TEST_F(PasswordLinkTest, LinkOfASuspendedOrganizationSetsNothing) {
  world.rows.organizations[0].status = records::OrganizationStatus::kSuspended;
  EXPECT_NE(FindError(Token()).find("not active"), std::string::npos);
}

TEST_F(PasswordLinkTest, SettingAPasswordRedeemsTheLinkWithItsHash) {
  const auto step = Set(Token(), kGood, kGood);
  const auto* record = Awaited<records::RedeemPasswordLink>(step);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->record_id, MakeId<records::RecordId>(9));
  EXPECT_EQ(record->password_link_id, MakeId<records::PasswordLinkId>(4));
  EXPECT_EQ(record->organization_id, MakeId<records::OrganizationId>(1));
  EXPECT_EQ(record->password_hash, testing_accounts::FakeHasher::HashOf(kGood));
  const auto answer = Finish(step);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->row.user_email, "alice@example.com");
}

TEST_F(PasswordLinkTest, WriterDecidesWhoUsesALinkThatTwoHold) {
  const auto step = Set(Token(), kGood, kGood);
  const auto answer = Finish(step, base::Code::kConflict);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kBadRequest);
  EXPECT_NE(answer.error().description.find("used already"), std::string::npos);
}

TEST_F(PasswordLinkTest, ALinkThatAnotherRequestUsedCostsNoHash) {
  Row().used_by_record = MakeId<records::RecordId>(8);
  const auto step = Set(Token(), kGood, kGood);
  ASSERT_TRUE(std::holds_alternative<Answer<PasswordLink>>(step));
  EXPECT_NE(std::get<Answer<PasswordLink>>(step).error().description.find("used already"),
            std::string::npos);
}

TEST_F(PasswordLinkTest, RequestSentAgainAfterALostAnswerReachesTheWriterAgain) {
  Row().used_by_record = MakeId<records::RecordId>(9);
  const auto step = Set(Token(), kGood, kGood);
  ASSERT_NE(Awaited<records::RedeemPasswordLink>(step), nullptr);
  EXPECT_TRUE(Finish(step).ok());
}

TEST_F(PasswordLinkTest, ExpiredLinkSetsNothing) {
  world.clock.Advance(base::seconds(60));
  const auto step = Set(Token(), kGood, kGood);
  ASSERT_TRUE(std::holds_alternative<Answer<PasswordLink>>(step));
  EXPECT_EQ(std::get<Answer<PasswordLink>>(step).error().code, ErrorCode::kBadRequest);
}

TEST_F(PasswordLinkTest, UnfitPasswordLeavesTheLinkUnused) {
  const auto step = Set(Token(), "short", "short");
  ASSERT_TRUE(std::holds_alternative<Answer<PasswordLink>>(step));
  EXPECT_EQ(std::get<Answer<PasswordLink>>(step).error().code, ErrorCode::kInvalidRequest);
}

TEST_F(PasswordLinkTest, WriterThatIsAwayIsNoUsedLink) {
  const auto answer = Finish(Set(Token(), kGood, kGood), base::Code::kUnavailable);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kTemporarilyUnavailable);
}

}  // namespace
}  // namespace accounts
