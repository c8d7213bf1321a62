#include <string>
#include <vector>

#include "base/bytes.h"
#include "domain/issuer.h"
#include "jose/keys.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/reply.h"

namespace worker {

namespace {

http::Response PublicDocument(std::string body, const http::Request& request, const App& app) {
  const records::Sha256 hash = app.ports.hashes.Sha256(base::AsBytes(body));
  const std::string etag = base::Base64UrlEncode(base::ByteView(hash).first(12));
  return CachedDocument(std::move(body), http::Response().content_type, etag,
                        "public, max-age=" + std::to_string(app.ports.settings.jwks_max_age_s),
                        request);
}

constexpr base::milliseconds kProbeHolds{1000};

Answer ReadyAnswer(base::Code code) {
  if (code == base::Code::kOk) return JsonResponse(R"({"status":"ready"})");
  return domain::ErrorOf(base::Code::kUnavailable);
}

}  // namespace

Outcome HandleJwks(const http::Request& request, const App& app) {
  const auto issuer = domain::FindIssuer(request.issuer, app.ports);
  if (!issuer.ok()) return issuer.error();
  const auto rows = app.ports.directory.SigningKeys(issuer->key_owner);
  if (!rows.ok()) return domain::ErrorOf(rows.error().code());
  std::vector<jose::Jwk> keys;
  for (const records::SigningKeyRow& row : **rows) {
    if (!jose::IsPublished(row, app.ports.clock.Now())) continue;
    auto key = jose::JwkOf(row);
    if (!key.ok()) {
      app.log.Error("unreadable_public_key", {{"kid", row.kid}, {"error", key.error().ToString()}});
      continue;
    }
    keys.push_back(std::move(*key));
  }
  return PublicDocument(jose::JwksJson(keys), request, app);
}

Outcome HandleMetadata(const http::Request& request, const App& app) {
  const auto issuer = domain::FindIssuer(request.issuer, app.ports);
  if (!issuer.ok()) return issuer.error();
  return PublicDocument(MetadataJson(issuer->url), request, app);
}

Outcome HandleHealth(const http::Request&, const App&) {
  return JsonResponse(R"({"status":"ok"})");
}

// Ready means that a write commits, not that a port is open. Anybody may ask, and each probe is a commit:
// all who ask a child within a second share one, and those that come while it is on its way wait for it
// (worker/fcgi/request_server.h).
Outcome HandleReady(const http::Request& request, const App& app) {
  const LastProbe last = app.last_probe != nullptr ? *app.last_probe : LastProbe();
  const bool is_recent = last.at && app.ports.clock.SinceBoot() - *last.at < kProbeHolds;
  if (is_recent) return ReadyAnswer(last.code);
  return domain::PendingWrite<Answer>{
      records::Probe{.record_id = request.request_id, .probed_at = app.ports.clock.Now()},
      [&app](const records::WriteResult& result) -> Outcome {
        if (app.last_probe != nullptr) {
          *app.last_probe = {.code = result.code, .at = app.ports.clock.SinceBoot()};
        }
        return ReadyAnswer(result.code);
      }};
}

}  // namespace worker
