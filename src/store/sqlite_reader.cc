#include "store/sqlite_reader.h"

#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/read_connection.h"
#include "store/row_readers.h"

namespace store {

namespace {

using base::Result;
using base::Status;
using std::string_view;

constexpr string_view kByClientId =
    " JOIN client_ids g ON g.client_row_id = c.id AND g.organization_id = c.organization_id"
    " WHERE g.client_id = ?1";
constexpr string_view kByClientRow = " WHERE c.id = ?1 AND c.organization_id = ?2";
constexpr string_view kByKeyOwner = " WHERE k.organization_id = ?1 ORDER BY k.id DESC";
constexpr string_view kByDeviceCode = " WHERE d.id = ?1 AND d.organization_id = ?2";
constexpr string_view kByUserCode =
    " JOIN live_user_codes g ON g.device_code_id = d.id AND g.organization_id = d.organization_id"
    " WHERE g.user_code = ?1";
constexpr string_view kByAccessToken = " WHERE t.id = ?1";
constexpr string_view kByRefreshToken = " WHERE r.id = ?1";
constexpr string_view kBySession = " WHERE i.id = ?1 AND i.organization_id = ?2 AND i.ended = 0";
constexpr string_view kServiceNames =
    "SELECT slug, name FROM services WHERE organization_id = ?1 ORDER BY slug LIMIT ?2";
constexpr string_view kByPasswordLink = " WHERE l.id = ?1";
constexpr string_view kFindMembership =
    "SELECT role FROM memberships WHERE user_id = ?1 AND organization_id = ?2";

// A kept row is found by its id alone: another organization's is none.
template <class Row>
Result<const Row*> OfOrganization(Result<const Row*> row, records::OrganizationId org,
                                  string_view what) {
  if (!row.ok() || (*row)->organization_id == org) return row;
  return Status(base::Code::kNotFound, std::string(what));
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(string_view text) const { return std::hash<string_view>()(text); }
};

template <class Row>
using ByText = std::unordered_map<std::string, Row, TextHash, std::equal_to<>>;
template <class Key, class Row>
using ById = std::unordered_map<Key, Row, base::IdHash>;

// Directory rows of one generation. Bounded: it starts anew when it holds too many.
struct DirectoryRows {
  static constexpr std::size_t kMaxRows = 20000;

  std::uint64_t generation = 0;
  ByText<records::ClientRow> clients_by_client_id;
  ById<records::ClientRowId, records::ClientRow> clients;
  ByText<records::OrganizationRow> organizations_by_slug;
  ById<records::OrganizationId, records::OrganizationRow> organizations;
  ByText<records::DomainRow> domains;
  ById<records::ServiceId, records::ServiceRow> services;
  ById<records::PlanId, records::PlanRow> plans;
  ById<records::OrganizationId, std::vector<records::SigningKeyRow>> signing_keys;

  std::size_t size() const {
    return clients_by_client_id.size() + clients.size() + organizations_by_slug.size() +
           organizations.size() + domains.size() + services.size() + plans.size() +
           signing_keys.size();
  }
};

}  // namespace

class SqliteReader::Impl {
 public:
  Impl(ReaderOptions options, std::function<std::uint64_t()> generation)
      : connection_({.path = std::move(options.database_path),
                     .cache_kb = options.cache_kb,
                     .mmap_bytes = options.mmap_bytes},
                    options.busy_timeout),
        generation_(std::move(generation)) {}

  ReadConnection& connection() { return connection_; }

  void StartTurn() {
    connection_.StartTurn();
    RenewRows();
    in_turn_ = true;
  }
  void EndTurn() {
    connection_.EndTurn();
    in_turn_ = false;
  }

  DirectoryRows& rows() { return rows_; }

  // The row kept under `key`, or the one that `find` (-> Result<Row>) reads now.
  template <class Map, class Key, class Find>
  auto Keep(Map& map, const Key& key, Find find) -> Result<const typename Map::mapped_type*> {
    if (in_turn_ && rows_.generation != 0) {
      if (const auto kept = map.find(key); kept != map.end()) return &kept->second;
    }
    auto found = find();
    if (!found.ok()) return found.error();
    return &(map.insert_or_assign(typename Map::key_type(key), std::move(*found)).first->second);
  }

 private:
  // The generation is read before the SELECTs that fill the rows: a change that commits in between
  // raises it after that, and the rows go at the next turn.
  void RenewRows() {
    const std::uint64_t generation = generation_();
    if (generation != 0 && generation == rows_.generation &&
        rows_.size() < DirectoryRows::kMaxRows) {
      return;
    }
    rows_ = DirectoryRows{};
    rows_.generation = generation;
  }

  ReadConnection connection_;
  std::function<std::uint64_t()> generation_;
  DirectoryRows rows_;
  bool in_turn_ = false;
};

SqliteReader::SqliteReader(ReaderOptions options, std::function<std::uint64_t()> generation)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(generation))) {}
SqliteReader::~SqliteReader() = default;

void SqliteReader::StartTurn() { impl_->StartTurn(); }
void SqliteReader::RequestEnded() { impl_->connection().RequestEnded(); }
void SqliteReader::EndTurn() { impl_->EndTurn(); }

// ---- directory ----

Result<const records::ClientRow*> SqliteReader::FindClient(string_view client_id) {
  return impl_->Keep(impl_->rows().clients_by_client_id, client_id, [&] {
    return impl_->connection().FindOne("client",
                                       kJoined<kSelect, kClientColumns, kFromClients, kByClientId>,
                                       ReadRow<records::ClientRow>, client_id);
  });
}

Result<const records::ClientRow*> SqliteReader::FindClientByRow(records::OrganizationId org,
                                                                records::ClientRowId id) {
  const auto client = impl_->Keep(impl_->rows().clients, id, [&] {
    return impl_->connection().FindOne("client",
                                       kJoined<kSelect, kClientColumns, kFromClients, kByClientRow>,
                                       ReadRow<records::ClientRow>, id, org);
  });
  return OfOrganization(client, org, "client");
}

Result<const records::OrganizationRow*> SqliteReader::FindOrganization(records::OrganizationId id) {
  return impl_->Keep(impl_->rows().organizations, id, [&] {
    return impl_->connection().FindOne("organization",
                                       kJoined<kSelectOrganization, kByOrganization>,
                                       ReadRow<records::OrganizationRow>, id);
  });
}

Result<const records::OrganizationRow*> SqliteReader::FindOrganizationBySlug(string_view slug) {
  return impl_->Keep(impl_->rows().organizations_by_slug, slug, [&] {
    return impl_->connection().FindOne("organization", kJoined<kSelectOrganization, kBySlug>,
                                       ReadRow<records::OrganizationRow>, slug);
  });
}

Result<const records::DomainRow*> SqliteReader::FindDomain(string_view host) {
  return impl_->Keep(impl_->rows().domains, host, [&] {
    return impl_->connection().FindOne("domain", kJoined<kSelectDomain, kByHost>,
                                       ReadRow<records::DomainRow>, host);
  });
}

Result<const records::ServiceRow*> SqliteReader::FindService(records::OrganizationId org,
                                                             records::ServiceId id) {
  const auto service = impl_->Keep(impl_->rows().services, id, [&] {
    return impl_->connection().FindOne("service",
                                       kJoined<kSelect, kServiceColumns, kFromServices, kByService>,
                                       ReadRow<records::ServiceRow>, id, org);
  });
  return OfOrganization(service, org, "service");
}

Result<const records::PlanRow*> SqliteReader::FindPlan(records::OrganizationId org,
                                                       records::PlanId id) {
  const auto plan = impl_->Keep(impl_->rows().plans, id, [&] {
    return impl_->connection().FindOne("plan", kJoined<kSelectPlan, kByPlan>,
                                       ReadRow<records::PlanRow>, id, org);
  });
  return OfOrganization(plan, org, "plan");
}

Result<const std::vector<records::SigningKeyRow>*> SqliteReader::SigningKeys(
    records::OrganizationId org) {
  return impl_->Keep(impl_->rows().signing_keys, org, [&] {
    return impl_->connection().FindAll(kJoined<kSelectSigningKey, kByKeyOwner>,
                                       ReadRow<records::SigningKeyRow>, org);
  });
}

// ---- rows that change with use ----

Result<records::DeviceCodeRow> SqliteReader::FindDeviceCode(records::OrganizationId org,
                                                            records::DeviceCodeId id) {
  return impl_->connection().FindOne("device code", kJoined<kSelectDeviceCode, kByDeviceCode>,
                                     ReadDeviceCode, id, org);
}

Result<records::DeviceCodeRow> SqliteReader::FindLiveUserCode(string_view user_code) {
  return impl_->connection().FindOne("user code", kJoined<kSelectDeviceCode, kByUserCode>,
                                     ReadDeviceCode, user_code);
}

Result<records::AccessTokenRow> SqliteReader::FindAccessToken(records::AccessTokenId id) {
  return impl_->connection().FindOne(
      "access token", kJoined<kAccessTokenColumns, kFromAccessTokens, kByAccessToken>,
      [id](Query& query) { return ReadAccessToken(query, id); }, id);
}

Result<records::AccessTokenWithSubscription> SqliteReader::FindAccessTokenWithSubscription(
    records::AccessTokenId id) {
  return impl_->connection().FindOne(
      "access token",
      kJoined<kAccessTokenColumns, kTokenSubscriptionColumns, kFromAccessTokens, kJoinSubscription,
              kByAccessToken>,
      [id](Query& query) { return ReadAccessTokenWithSubscription(query, id); }, id);
}

Result<std::optional<records::SubscriptionRow>> SqliteReader::FindSubscription(
    records::OrganizationId org, records::UserId user, records::ServiceId service) {
  using Found = Result<std::optional<records::SubscriptionRow>>;
  auto row =
      impl_->connection().FindOne("subscription", kJoined<kSelectSubscription, kBySubscriber>,
                                  ReadRow<records::SubscriptionRow>, user, service, org);
  if (row.ok()) return Found(*row);
  if (row.error().code() == base::Code::kNotFound) return Found(std::nullopt);
  return row.error();
}

Result<records::RefreshTokenRow> SqliteReader::FindRefreshToken(records::RefreshTokenId id) {
  return impl_->connection().FindOne("refresh token", kJoined<kSelectRefreshToken, kByRefreshToken>,
                                     ReadRow<records::RefreshTokenRow>, id);
}

Result<records::UserRow> SqliteReader::FindUser(records::OrganizationId org, records::UserId id) {
  return impl_->connection().FindOne("user", kJoined<kSelectUser, kByUser>,
                                     ReadRow<records::UserRow>, id, org);
}

Result<records::UserRow> SqliteReader::FindUserByEmail(records::OrganizationId org,
                                                       string_view email) {
  return impl_->connection().FindOne("user", kJoined<kSelectUser, kByEmail>,
                                     ReadRow<records::UserRow>, email, org);
}

Result<records::SessionRow> SqliteReader::FindSession(records::OrganizationId org,
                                                      records::SessionId id) {
  return impl_->connection().FindOne("session", kJoined<kSelectSession, kBySession>,
                                     ReadRow<records::SessionRow>, id, org);
}

Result<records::PasswordLinkRow> SqliteReader::FindPasswordLink(records::PasswordLinkId id) {
  return impl_->connection().FindOne("password link",
                                     kJoined<kSelectPasswordLink, kByPasswordLink, kLinkStands>,
                                     ReadRow<records::PasswordLinkRow>, id);
}

Result<std::vector<std::string>> SqliteReader::FindServiceNames(records::OrganizationId org) {
  const auto services = impl_->connection().FindAll(
      kServiceNames,
      [](Query& query) {
        std::string slug = query.Read<std::string>();
        return std::pair(std::move(slug), query.Read<std::string>());
      },
      org, domain::kMaxServiceNames);
  if (!services.ok()) return services.error();
  std::vector<std::string> names;
  for (const auto& [slug, name] : *services) names.insert(names.end(), {slug, name});
  return names;
}

Result<bool> SqliteReader::IsPlatformOwner(records::UserId user) {
  const auto role = impl_->connection().FindOne(
      "membership", kFindMembership, [](Query& query) { return query.Read<records::Role>(); }, user,
      records::kPlatformOrganizationId);
  if (role.ok()) return *role == records::Role::kOwner;
  if (role.error().code() == base::Code::kNotFound) return false;
  return role.error();
}

}  // namespace store
