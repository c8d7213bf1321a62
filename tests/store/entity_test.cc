// SQL that is made of lists.
#include "store/entity.h"

#include <gtest/gtest.h>

#include "records/writes.h"

namespace {

static_assert(records::MemberName<&records::UserRow::email>() == "email");
static_assert(records::MemberName<&records::CreateService::client>() == "client");

TEST(Entity, SelectsEachMemberByItsName) {
  EXPECT_EQ(
      store::kSelectOf<records::OrganizationRow>,
      "SELECT o.id, o.slug, o.name, o.status, o.created_at, o.updated_at FROM organizations o");
  EXPECT_EQ(store::kColumns<records::DomainRow>, "n.host, n.organization_id");
}

TEST(Entity, InsertsEachMemberAndTheRecordThatMadeIt) {
  EXPECT_EQ(store::kInsert<records::DomainRow>,
            "INSERT INTO domains (host, organization_id, created_by_record) VALUES (?, ?, ?)");
  EXPECT_EQ(store::kInsert<records::ClientRow>,
            "INSERT INTO clients (id, client_id, organization_id, service_id, type, secret_hash, "
            "refresh_token_allowed, disabled, jwks, issuer, default_scope, allowed_scope) VALUES "
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
}

}  // namespace
