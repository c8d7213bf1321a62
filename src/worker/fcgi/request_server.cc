#include "worker/fcgi/request_server.h"

#include <utility>
#include <variant>

namespace worker {

namespace {

constexpr base::milliseconds kRefusalLogInterval{1000};

}  // namespace

RequestServer::RequestServer(const FcgiLoop::Options& options, ConnectionTable& connections,
                             oauth::Random& random, const base::Log& log)
    : options_(options),
      connections_(connections),
      log_(log),
      reader_({options.max_body_bytes, options.request_budget}, random),
      closes_(options.connections == FcgiLoop::Connections::kOneRequestEach) {}

void RequestServer::Use(const FcgiLoop::Hooks& hooks, wire::Client& writer) {
  hooks_ = &hooks;
  writer_ = &writer;
}

void RequestServer::Serve(Connection& connection) {
  if (++served_ == options_.recycle_after_requests && hooks_->recycle_due) hooks_->recycle_due();
  const ReadRequest read = reader_.Read(connection, now_);
  if (read.refusal) return Refuse(connection, read.request, *read.refusal);
  Settle(connection, Handle(read.request), read.request.remote_address);
}

// A handler waits for nothing but its reads, and all other connections wait for it.
http::Outcome RequestServer::Handle(const http::Request& request) {
  const std::int64_t start_us = base::MonotonicMicros();
  http::Outcome outcome = hooks_->handle(request);
  const std::int64_t taken_ms = (base::MonotonicMicros() - start_us) / 1000;
  if (taken_ms > options_.slow_request.count()) {
    log_.Warn("slow_read", {{"duration_ms", taken_ms},
                            {"path", request.path},
                            {"pending_writes", writer_->pending()},
                            {"request_id", request.request_id_text}});
  }
  return outcome;
}

void RequestServer::Refuse(Connection& connection, const http::Request& request, Refusal refusal) {
  ++refusals_unlogged_;
  if (now_ - refusal_logged_at_ >= kRefusalLogInterval) {
    log_.Warn("request_refused", {{"reason", NameOf(refusal)},
                                  {"request_id", connection.request_id_text()},
                                  {"refused", refusals_unlogged_}});
    refusal_logged_at_ = now_;
    refusals_unlogged_ = 0;
  }
  http::Response response = worker::Refuse(refusal, now_);
  if (hooks_->refused) response = hooks_->refused(request, std::move(response));
  Answer(connection, response);
}

void RequestServer::Settle(Connection& connection, http::Outcome outcome,
                           std::optional<std::string_view> address) {
  using Pending = records::PendingWrite<http::Response>;
  while (auto* pending = std::get_if<Pending>(&outcome)) {
    connection.then = std::move(pending->then);
    connection.state = Connection::State::kPending;
    if (address) connection.address = *address;
    const auto sent = writer_->Send(
        pending->record,
        [this, tag = connection.tag()](const records::WriteResult& result) { Resume(tag, result); },
        connection.address);
    if (sent.ok()) {
      connection.fcgi.FreeInput();
      connections_.Watch(connection);  // notices that nginx left; if refused, the answer will
      return;
    }
    // Refused before it was queued: the handler turns that into its answer.
    outcome = std::exchange(connection.then, nullptr)(records::WriteResult{.code = sent.code()});
  }
  Answer(connection, *std::get_if<http::Response>(&outcome));
}

void RequestServer::Resume(std::uint64_t tag, const records::WriteResult& result) {
  Connection* const connection = connections_.Find(tag);
  if (connection == nullptr || connection->state != Connection::State::kPending) return;
  if (connection->gone) return connections_.Close(*connection);
  Settle(*connection, std::exchange(connection->then, nullptr)(result), std::nullopt);
}

void RequestServer::Answer(Connection& connection, const http::Response& response) {
  RenderAnswer(response, connection.request_id_text(), &answer_);
  const auto after = closes_ ? FcgiConnection::After::kClose : FcgiConnection::After::kAsNginxAsked;
  if (!connection.fcgi.Answer(answer_, after)) return connections_.Release(connection);
  connection.state = Connection::State::kOpen;
  if (!connections_.Watch(connection)) connections_.Close(connection);
}

}  // namespace worker
