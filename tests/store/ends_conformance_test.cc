// What ends what (docs/security.md has the table): each thing that a user has begun, against each act that
// ends something of the user, as far as the writer decides it. tests/e2e/ends_test.py has the rest of the
// table, through a whole server. A new thing or a new act gets its row here and there.
#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/conformance.h"

namespace store_test {
namespace {

using records::UserStatus;

class Ends : public StoreConformance {
 public:
  // True while what was begun is still good; asking may use it up.
  using IsGood = std::function<bool()>;

  records::UpdateUser Update(const Tenant& of) {
    return {.record_id = s.ids.Make<records::RecordId>(),
            .user_id = of.user.row.id,
            .organization_id = of.user.row.organization_id,
            .email = {},
            .status = {},
            .unlocked_at = {},
            .updated_at = kNow + minutes(1)};
  }
  records::RedeemPasswordLink Redemption(const records::CreatePasswordLink& link) {
    return {.record_id = s.ids.Make<records::RecordId>(),
            .password_link_id = link.password_link_id,
            .organization_id = link.organization_id,
            .password_hash = "$argon2id$new",
            .redeemed_at = kNow + minutes(2)};
  }
  records::CreateDeviceCode Approved(const Tenant& of) {
    const auto code = s.DeviceCode(of);
    EXPECT_EQ(Try(code), Code::kOk);
    EXPECT_EQ(Try(s.Decision(of, code)), Code::kOk);
    return code;
  }
  records::RedeemDeviceCode Granted(const Tenant& of) {
    const auto grant = s.Redemption(of, Approved(of));
    EXPECT_EQ(Try(grant), Code::kOk);
    return grant;
  }

  // ---- what is begun ----

  // Its password was right; it has yet to reach the writer.
  IsGood SignInInFlight(const Tenant& of) {
    return [this, session = s.SignIn(of.user)] { return Try(session) == Code::kOk; };
  }
  IsGood SignIn(const Tenant& of) {
    const auto session = s.SignIn(of.user);
    EXPECT_EQ(Try(session), Code::kOk);
    return [this, session] {
      return reader().FindSession(session.organization_id, session.session_id).ok();
    };
  }
  // Decided in a browser; it has yet to reach the writer.
  IsGood ApprovalInFlight(const Tenant& of) {
    const auto code = s.DeviceCode(of);
    EXPECT_EQ(Try(code), Code::kOk);
    return [this, decision = s.Decision(of, code)] { return Try(decision) == Code::kOk; };
  }
  IsGood Approval(const Tenant& of) {
    const auto code = Approved(of);
    return [this, code, redemption = s.Redemption(of, code)] {
      const auto row = reader().FindDeviceCode(code.organization_id, code.device_code_id);
      const bool is_good = row->user_status == UserStatus::kActive;
      EXPECT_EQ(Try(redemption) == Code::kOk, is_good) << "the reader and the writer agree";
      return is_good;
    };
  }
  IsGood PasswordLink(const Tenant& of) {
    const auto link = s.PasswordLink(of.user);
    EXPECT_EQ(Try(link), Code::kOk);
    return [this, link] {
      const bool is_good = reader().FindPasswordLink(link.password_link_id).ok();
      EXPECT_EQ(Try(Redemption(link)) == Code::kOk, is_good) << "the reader and the writer agree";
      return is_good;
    };
  }
  IsGood AccessToken(const Tenant& of) {
    return [this, grant = Granted(of)] {
      const auto row = reader().FindAccessToken(grant.access_token.id);
      return row.ok() && !row->grant_revoked && row->user_status == UserStatus::kActive;
    };
  }
  IsGood Refresh(const Tenant& of) {
    return [this, grant = Granted(of)] {
      return Try(s.Rotation(grant, grant.refresh_token->id, grant.redeemed_at + minutes(5))) ==
             Code::kOk;
    };
  }

  // ---- what ends ----

  void SetPassword(const Tenant& of) {
    const auto link = s.PasswordLink(of.user);
    EXPECT_EQ(Try(link), Code::kOk);
    EXPECT_EQ(Try(Redemption(link)), Code::kOk);
  }
  void Disable(const Tenant& of) {
    auto update = Update(of);
    update.status = UserStatus::kDisabled;
    EXPECT_EQ(Try(update), Code::kOk);
  }
  void DisableAndEnable(const Tenant& of) {
    Disable(of);
    auto update = Update(of);
    update.status = UserStatus::kActive;
    EXPECT_EQ(Try(update), Code::kOk);
  }
  void ChangeEmail(const Tenant& of) {
    auto update = Update(of);
    update.email = "right@example.com";
    EXPECT_EQ(Try(update), Code::kOk);
    EXPECT_EQ(Try(update), Code::kOk) << "the same record again";
  }
  void SetTheSameEmail(const Tenant& of) {
    auto update = Update(of);
    update.email = of.user.row.email;
    EXPECT_EQ(Try(update), Code::kOk);
  }
  void RevokeGrants(const Tenant& of) {
    EXPECT_EQ(Try(records::RevokeUserGrants{.record_id = s.ids.Make<records::RecordId>(),
                                            .organization_id = of.user.row.organization_id,
                                            .user_id = of.user.row.id,
                                            .revoked_at = kNow}),
              Code::kOk);
  }
  void Delete(const Tenant& of) {
    EXPECT_EQ(Try(records::DeleteUser{.record_id = s.ids.Make<records::RecordId>(),
                                      .user_id = of.user.row.id,
                                      .organization_id = of.user.row.organization_id,
                                      .deleted_at = kNow + minutes(1)}),
              Code::kOk);
  }
  void DeleteAndImport(const Tenant& of) {
    Delete(of);
    EXPECT_EQ(Try(records::ImportUser{.record_id = s.ids.Make<records::RecordId>(),
                                      .row = of.user.row,
                                      .imported_at = kNow + minutes(2)}),
              Code::kOk);
  }
  void MakeANewerLink(const Tenant& of) { EXPECT_EQ(Try(s.PasswordLink(of.user)), Code::kOk); }
  void ReplaceHash(const Tenant& of) {
    EXPECT_EQ(Try(records::ReplacePasswordHash{
                  .record_id = s.ids.Make<records::RecordId>(),
                  .user_id = of.user.row.id,
                  .organization_id = of.user.row.organization_id,
                  .former_hash = of.user.row.password_hash,
                  .password_hash = "$argon2id$v=19$m=19456,t=2,p=1$bmV3bmV3$bmV3bmV3",
                  .replaced_at = kNow}),
              Code::kOk);
  }

  Tenant NextTenant() { return MakeTenant("tenant-" + std::to_string(++tenants_)); }

 private:
  int tenants_ = 0;
};
INSTANTIATE_FOR_EACH_STORE(Ends);

struct Begun {
  std::string_view name;
  Ends::IsGood (Ends::*begin)(const Tenant&);
};
constexpr std::array kBegun{
    Begun{"a sign-in in flight", &Ends::SignInInFlight},
    Begun{"a sign-in", &Ends::SignIn},
    Begun{"an approval in flight", &Ends::ApprovalInFlight},
    Begun{"an approval", &Ends::Approval},
    Begun{"a password link", &Ends::PasswordLink},
    Begun{"an access token", &Ends::AccessToken},
    Begun{"a refresh token", &Ends::Refresh},
};

struct Act {
  std::string_view name;
  void (Ends::*act)(const Tenant&);
  std::array<bool, kBegun.size()> ends;  // in the order of kBegun
};
constexpr std::array kActs{
    //                        sign-in      approval
    //                        in flight    in flight    link  access refresh
    Act{"a new password", &Ends::SetPassword, {true, true, true, true, true, true, true}},
    Act{"disabled", &Ends::Disable, {true, true, true, true, true, true, true}},
    Act{"disabled, then enabled",
        &Ends::DisableAndEnable,
        {true, true, true, true, true, true, true}},
    Act{"grants revoked", &Ends::RevokeGrants, {true, true, true, true, true, true, true}},
    Act{"deleted", &Ends::Delete, {true, true, true, true, true, true, true}},
    Act{"deleted, then imported with the same id",
        &Ends::DeleteAndImport,
        {true, true, true, true, true, true, true}},
    Act{"another e-mail", &Ends::ChangeEmail, {true, false, true, true, true, false, false}},
    Act{"the same e-mail", &Ends::SetTheSameEmail, {}},
    Act{"a newer link", &Ends::MakeANewerLink, {false, false, false, false, true, false, false}},
};

TEST_P(Ends, WhatTheTableSays) {
  for (const Act& act : kActs) {
    for (std::size_t i = 0; i < kBegun.size(); ++i) {
      SCOPED_TRACE(std::string(kBegun[i].name) + " and then " + std::string(act.name));
      const Tenant tenant = NextTenant();
      const Tenant other = NextTenant();
      const IsGood is_good = (this->*kBegun[i].begin)(tenant);
      const IsGood is_good_elsewhere = (this->*kBegun[i].begin)(other);
      (this->*act.act)(tenant);
      EXPECT_EQ(is_good(), !act.ends[i]);
      EXPECT_TRUE(is_good_elsewhere()) << "of a user who has the same e-mail elsewhere";
    }
  }
}

TEST_P(Ends, WithNoHashThatIsMerelyReplaced) {
  for (const Begun& begun : kBegun) {
    SCOPED_TRACE(begun.name);
    Tenant tenant = s.NewTenant("imported-" + std::to_string(&begun - kBegun.data()));
    tenant.user.row.password_hash = "$2b$12$imported";
    for (const WriteResult& result : Batch(tenant.All())) EXPECT_EQ(result.code, Code::kOk);
    const IsGood is_good = (this->*begun.begin)(tenant);
    ReplaceHash(tenant);
    EXPECT_TRUE(is_good());
  }
}

TEST_P(Ends, ALinkOfADisabledUserOpensOnceTheUserIsActive) {
  Disable(acme);
  const auto link = s.PasswordLink(acme.user);
  EXPECT_EQ(Try(link), Code::kOk);
  EXPECT_FALSE(reader().FindPasswordLink(link.password_link_id).ok());
  EXPECT_EQ(Try(Redemption(link)), Code::kNotFound);
  auto enable = Update(acme);
  enable.status = UserStatus::kActive;
  EXPECT_EQ(Try(enable), Code::kOk);
  EXPECT_TRUE(reader().FindPasswordLink(link.password_link_id).ok());
  EXPECT_EQ(Try(Redemption(link)), Code::kOk);
}

}  // namespace
}  // namespace store_test
