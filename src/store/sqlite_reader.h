// The reads of a worker child on a read-only connection of its own (the command's: admin_reader.h).
// Opens the database when it is first needed and again after it vanished; while it is not there
// every read is kUnavailable. Statements stay prepared, each is reset before the call returns. Not
// thread-safe. Source: https://sqlite.org/wal.html
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "domain/ports/directory.h"
#include "domain/ports/reader.h"

namespace store {

struct ReaderOptions {
  std::string database_path;
  std::int64_t cache_kb = 1024;
  base::milliseconds busy_timeout{50};
  std::int64_t mmap_bytes = 0;  // of the database file; 0: read(2) into the cache
};

class SqliteReader final : public domain::Reader, public domain::Directory {
 public:
  // `generation` reads the writer's directory generation (0: unknown, nothing is kept).
  SqliteReader(ReaderOptions options, std::function<std::uint64_t()> generation);
  ~SqliteReader() override;

  // The loop calls StartTurn when its wait returned, EndTurn before it waits again. In between all
  // reads see one state: the newest at the first read of the turn. So it calls StartTurn again before
  // a request that may have come later (on a connection just accepted), for its client may know of a
  // newer state; what follows on the writer's answers does not read. StartTurn drops directory rows whose generation
  // has passed, and with them the pointers handed out. Without a turn each read stands alone, sees
  // the newest state and keeps nothing.
  void StartTurn();
  void RequestEnded();  // read_connection.h
  void EndTurn();

  // domain::Directory
  base::Result<const records::ClientRow*> FindClient(std::string_view client_id) override;
  base::Result<const records::ClientRow*> FindClientByRow(records::OrganizationId org,
                                                          records::ClientRowId id) override;
  base::Result<const records::OrganizationRow*> FindOrganization(
      records::OrganizationId id) override;
  base::Result<const records::OrganizationRow*> FindOrganizationBySlug(
      std::string_view slug) override;
  base::Result<const records::DomainRow*> FindDomain(std::string_view host) override;
  base::Result<const records::ServiceRow*> FindService(records::OrganizationId org,
                                                       records::ServiceId id) override;
  base::Result<const records::PlanRow*> FindPlan(records::OrganizationId org,
                                                 records::PlanId id) override;
  base::Result<const std::vector<records::SigningKeyRow>*> SigningKeys(
      records::OrganizationId org) override;
  // domain::Reader
  base::Result<records::DeviceCodeRow> FindDeviceCode(records::OrganizationId org,
                                                      records::DeviceCodeId id) override;
  base::Result<records::DeviceCodeRow> FindLiveUserCode(std::string_view user_code) override;
  base::Result<records::AccessTokenRow> FindAccessToken(records::AccessTokenId id) override;
  base::Result<records::AccessTokenWithSubscription> FindAccessTokenWithSubscription(
      records::AccessTokenId id) override;
  base::Result<std::optional<records::SubscriptionRow>> FindSubscription(
      records::OrganizationId org, records::UserId user, records::ServiceId service) override;
  base::Result<records::RefreshTokenRow> FindRefreshToken(records::RefreshTokenId id) override;
  base::Result<records::UserRow> FindUser(records::OrganizationId org, records::UserId id) override;
  base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                 std::string_view email) override;
  base::Result<records::SessionRow> FindSession(records::OrganizationId org,
                                                records::SessionId id) override;
  base::Result<records::PasswordLinkRow> FindPasswordLink(records::PasswordLinkId id) override;
  base::Result<std::vector<std::string>> FindServiceNames(records::OrganizationId org) override;
  base::Result<bool> IsPlatformOwner(records::UserId user) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace store
