#include "ctl/login/device_login.h"

#include <algorithm>
#include <array>
#include <thread>

#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::seconds;
using base::Status;

constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::string_view kMetadataPath = "/.well-known/oauth-authorization-server";
constexpr seconds kSlowDownStep{5};  // RFC 8628 §3.5
constexpr seconds kMaxInterval{60};
constexpr seconds kMaxExpiry{24 * 3600};

constexpr std::string_view kExpiredSentence =
    "the code ran out before anybody approved it: start again";

// What an error answer of the token endpoint means for the loop.
enum class Meaning { kPending, kSlowDown, kBusy, kOver };
struct TokenError {
  std::string_view error;  // RFC 8628 §3.5, RFC 6749 §5.2
  Meaning meaning;
  Code code;
  std::string_view sentence;  // empty: the server's own words
};
constexpr std::array kTokenErrors{
    TokenError{"authorization_pending", Meaning::kPending, Code::kOk, ""},
    TokenError{"slow_down", Meaning::kSlowDown, Code::kOk, ""},
    TokenError{"temporarily_unavailable", Meaning::kBusy, Code::kUnavailable, ""},
    TokenError{"access_denied", Meaning::kOver, Code::kDenied,
               "the request was refused in the browser: nobody is signed in here"},
    TokenError{"expired_token", Meaning::kOver, Code::kExpired, kExpiredSentence},
    TokenError{"invalid_grant", Meaning::kOver, Code::kConflict,
               "the code is not valid any more (used already, or the account or client was "
               "disabled): start again"},
};

std::string Sentence(const HttpReply& reply, const Json& body) {
  if (const auto description = body.Text("error_description")) return Printable(*description);
  if (const auto error = body.Text("error")) return Printable(*error);
  return "HTTP status " + std::to_string(reply.status);
}

// Answers without JSON (a proxy's error page) read as an empty object.
Json BodyOf(const HttpReply& reply) {
  auto parsed = ParseJson(reply.body);
  return parsed.ok() ? std::move(*parsed) : Json();
}

Code CodeOf(const HttpReply& reply, const Json& body) {
  if (body.Text("error") == "invalid_client") return Code::kNotFound;
  if (reply.status >= 500 || reply.status == 429) return Code::kUnavailable;
  if (reply.status == 401 || reply.status == 403) return Code::kDenied;
  return reply.status == 404 ? Code::kNotFound : Code::kInvalid;
}

Status ErrorOf(const HttpReply& reply, const Json& body) {
  return {CodeOf(reply, body), "the server says: " + Sentence(reply, body)};
}

seconds Bounded(std::optional<std::int64_t> value, seconds otherwise, seconds most) {
  if (!value || *value <= 0) return otherwise;
  return std::min(seconds(*value), most);
}

FormFields FieldsOf(const LoginClient& client) {
  FormFields fields{{"client_id", client.client_id}};
  if (!client.org.empty()) fields.emplace_back("org", client.org);
  if (!client.service.empty()) fields.emplace_back("service", client.service);
  if (!client.scope.empty()) fields.emplace_back("scope", client.scope);
  return fields;
}

Result<Tokens> ReadTokens(const Json& body) {
  Tokens tokens{.access_token = body.Text("access_token").value_or(""),
                .refresh_token = body.Text("refresh_token").value_or(""),
                .expires_in = seconds(body.Number("expires_in").value_or(0)),
                .scope = body.Text("scope").value_or("")};
  if (tokens.access_token.empty()) return Status(Code::kCorrupt, "the server sent no access token");
  return tokens;
}

const TokenError* FindTokenError(const Json& body) {
  const auto error = body.Text("error");
  for (const TokenError& row : kTokenErrors) {
    if (error == row.error) return &row;
  }
  return nullptr;
}

// Reads the answers to polls: when to poll again, and when it is over (RFC 8628 §3.5).
class Poller {
 public:
  explicit Poller(seconds interval) : interval_(interval) {}

  seconds next() const { return std::max(interval_, once_); }
  // Why there are no tokens, should the time be over now.
  const Status& last() const { return last_; }

  // The tokens, or what ends the flow; nullopt: poll again after next().
  std::optional<Result<Tokens>> Take(const Result<HttpReply>& reply) {
    if (!reply.ok()) {
      if (reply.error().code() != Code::kUnavailable) return reply.error();
      BackOff(reply.error(), seconds(0));
      return std::nullopt;
    }
    const Json body = BodyOf(*reply);
    if (reply->status == 200) return ReadTokens(body);
    const TokenError* error = FindTokenError(body);
    if (error == nullptr) return TakeUnknown(*reply, body);
    return TakeKnown(*error, *reply, body);
  }

 private:
  std::optional<Result<Tokens>> TakeUnknown(const HttpReply& reply, const Json& body) {
    if (CodeOf(reply, body) != Code::kUnavailable) return ErrorOf(reply, body);
    BackOff(ErrorOf(reply, body), reply.retry_after.value_or(seconds(0)));
    return std::nullopt;
  }

  std::optional<Result<Tokens>> TakeKnown(const TokenError& error, const HttpReply& reply,
                                          const Json& body) {
    switch (error.meaning) {
      case Meaning::kPending:
        Continue(interval_, reply, body);
        return std::nullopt;
      case Meaning::kSlowDown:
        Continue(interval_ + kSlowDownStep, reply, body);
        return std::nullopt;
      case Meaning::kBusy:
        BackOff(ErrorOf(reply, body), reply.retry_after.value_or(seconds(0)));
        return std::nullopt;
      case Meaning::kOver:
        break;
    }
    return Status(error.code, std::string(error.sentence));
  }

  // The interval only grows: what `slow_down` added holds for all later polls.
  void Continue(seconds interval, const HttpReply& reply, const Json& body) {
    const seconds said = Bounded(body.Number("interval"), interval, kMaxInterval);
    interval_ = std::min(std::max(interval, said), kMaxInterval);
    once_ = std::min(reply.retry_after.value_or(seconds(0)), kMaxInterval);
    last_ = Status(Code::kExpired, std::string(kExpiredSentence));
  }

  // Nobody answered, or the server is busy: wait twice as long each time until it answers again.
  void BackOff(Status why, seconds retry_after) {
    once_ = std::min(std::max(next() * 2, retry_after), kMaxInterval);
    last_ = std::move(why);
  }

  seconds interval_;
  seconds once_{0};  // before the next poll alone
  Status last_{Code::kExpired, std::string(kExpiredSentence)};
};

}  // namespace

void SystemWaiter::Wait(seconds duration) { std::this_thread::sleep_for(duration); }

Result<Endpoints> DeviceLogin::Discover(const std::string& url) {
  const auto reply = http_.Get(url + std::string(kMetadataPath), {});
  if (!reply.ok()) return reply.error();
  const Json body = BodyOf(*reply);
  if (reply->status >= 500) return ErrorOf(*reply, body);
  Endpoints endpoints{body.Text("device_authorization_endpoint").value_or(""),
                      body.Text("token_endpoint").value_or("")};
  if (reply->status != 200 || endpoints.device_authorization_endpoint.empty() ||
      endpoints.token_endpoint.empty()) {
    return Status(Code::kNotFound,
                  url + " offers no device flow: is it the address of a Latchkey server?");
  }
  if (const auto issuer = body.Text("issuer"); issuer != url) {
    return Status(Code::kConflict, "the server at " + url + " calls itself " +
                                       Printable(issuer.value_or("nothing")) +
                                       ": sign in there with --url");
  }
  return endpoints;
}

Result<DeviceAuthorization> DeviceLogin::Start(const Endpoints& endpoints,
                                               const LoginClient& client) {
  const auto reply = http_.PostForm(endpoints.device_authorization_endpoint, FieldsOf(client));
  if (!reply.ok()) return reply.error();
  const Json body = BodyOf(*reply);
  if (reply->status != 200) return ErrorOf(*reply, body);
  DeviceAuthorization authorization{
      .device_code = body.Text("device_code").value_or(""),
      .user_code = body.Text("user_code").value_or(""),
      .verification_uri = body.Text("verification_uri").value_or(""),
      .verification_uri_complete = body.Text("verification_uri_complete").value_or(""),
      .expires_in = Bounded(body.Number("expires_in"), seconds(0), kMaxExpiry),
      .interval = Bounded(body.Number("interval"), seconds(5), kMaxInterval)};
  if (authorization.device_code.empty() || authorization.user_code.empty() ||
      authorization.verification_uri.empty() || authorization.expires_in == seconds(0)) {
    return Status(Code::kCorrupt, "the server's answer lacks a member that RFC 8628 requires");
  }
  return authorization;
}

Result<Tokens> DeviceLogin::Poll(const Endpoints& endpoints, const LoginClient& client,
                                 const DeviceAuthorization& authorization) {
  const FormFields fields{{"grant_type", std::string(kDeviceGrant)},
                          {"device_code", authorization.device_code},
                          {"client_id", client.client_id}};
  const auto end = clock_.SinceBoot() + authorization.expires_in;
  Poller poller(authorization.interval);
  while (clock_.SinceBoot() < end) {  // so the last poll lies after the end: the server may say why
    waiter_.Wait(poller.next());
    if (auto over = poller.Take(http_.PostForm(endpoints.token_endpoint, fields))) return *over;
  }
  return poller.last();
}

Result<Json> DeviceLogin::GetJson(const std::string& url, const std::string& access_token) {
  const auto reply = http_.Get(url, access_token);
  if (!reply.ok()) return reply.error();
  Json body = BodyOf(*reply);
  if (reply->status != 200) return ErrorOf(*reply, body);
  return body;
}

}  // namespace ctl
