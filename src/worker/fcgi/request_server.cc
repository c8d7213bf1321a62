#include "worker/fcgi/request_server.h"

#include <exception>
#include <utility>
#include <variant>

#include "http/errors.h"

namespace worker {

namespace {

using base::Code;
using metrics::Count;

constexpr Count CountOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kBodyTooLarge:
      return Count::kBodyTooLarge;
    case Refusal::kBodyIncomplete:
      return Count::kBodyIncomplete;
    case Refusal::kTooOld:
      return Count::kRequestTooOld;
    case Refusal::kPoisonous:
      return Count::kPoisonousRequest;
    case Refusal::kNetworkShutOut:
      return Count::kNetworkShutOut;
    case Refusal::kNoRoom:
      return Count::kNoRoom;
  }
  return Count::kRequestTooOld;
}

// Why a write failed; a result that is the domain's to judge has no count and no word.
struct WriteFailure {
  Count count = Count::kCount;
  std::string_view why;
};

WriteFailure RefusedBySocket(Code code) {
  if (code == Code::kFull) return {Count::kWritesQueueFull, "too_many_writes_pending"};
  if (code == Code::kUnavailable) return {Count::kWritesSilent, "writer_silent"};
  return {Count::kCount, "record_not_sendable"};
}

WriteFailure RefusedByWriter(Code code) {
  if (code == Code::kFull) return {Count::kWritesDiskFull, "no_room_on_disk"};
  if (code == Code::kUnavailable) return {Count::kWritesUnanswered, "writer_did_not_answer"};
  return {};
}

void NoteWriteFailure(Connection* connection, const WriteFailure& failure,
                      metrics::ChildCounters* counters) {
  connection->write_failed = failure.why;
  if (counters != nullptr && failure.count != Count::kCount) counters->Add(failure.count);
}

}  // namespace

RequestServer::RequestServer(const FcgiLoop::Options& options, ConnectionTable& connections,
                             domain::Random& random, const base::Log& log)
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
  ServeNext(connection);
  if (hooks_->guard != nullptr) hooks_->guard->End();
}

void RequestServer::ServeNext(Connection& connection) {
  connection.state = Connection::State::kOpen;
  if (++served_ == options_.recycle_after_requests && hooks_->recycle_due) hooks_->recycle_due();
  const ReadRequest read = reader_.Read(connection, now_, hooks_->guard);
  connection.route = 0;
  connection.write_failed = {};
  connection.taken_up_us = now_us_ = base::MonotonicMicros();
  if (hooks_->counters != nullptr) {
    hooks_->counters->NoteWait(1000 * (now_ - read.request.received_at).count());
  }
  if (read.refusal) return Refuse(connection, read.request, *read.refusal);
  Settle(connection, Handle(connection, read.request), read.request.remote_address);
}

// Its body is read nevertheless: a socket that is closed with bytes left in it takes the answer along.
void RequestServer::Refuse(Connection& connection, Refusal refusal) {
  connection.state = Connection::State::kOpen;
  const ReadRequest read = reader_.Read(connection, now_, nullptr);
  connection.route = 0;
  connection.taken_up_us = now_us_ = base::MonotonicMicros();
  Refuse(connection, read.request, refusal);
}

void RequestServer::Leave(Connection& connection) {
  Add(Count::kClientsGone);
  connections_.Close(connection);
}

template <class Work>
http::Outcome RequestServer::Shielded(const Connection& connection, const Work& work) try {
  return work();
} catch (const std::exception& error) {
  log_.Error("handler_threw",
             {{"what", error.what()}, {"request_id", connection.request_id_text()}});
  return http::ErrorResponse(domain::ErrorOf(Code::kInternal), now_);
}

// A handler waits for nothing but its reads, and all other connections wait for it.
http::Outcome RequestServer::Handle(Connection& connection, const http::Request& request) {
  http::Outcome outcome = Shielded(connection, [&] { return hooks_->handle(request); });
  now_us_ = base::MonotonicMicros();
  if (hooks_->counters != nullptr) connection.route = hooks_->counters->TakeRoute();
  const std::int64_t taken_ms = (now_us_ - connection.taken_up_us) / 1000;
  if (taken_ms > options_.slow_request.count()) {
    Add(Count::kSlowReads);
    log_.Warn("slow_read", {{"duration_ms", taken_ms},
                            {"path", request.path},
                            {"pending_writes", writer_->pending()},
                            {"request_id", request.request_id_text}});
  }
  return outcome;
}

void RequestServer::Refuse(Connection& connection, const http::Request& request, Refusal refusal) {
  Add(CountOf(refusal));
  auto unlogged = refusal_lines_.Take(now_);
  // A poisonous one cost a child already: there are few of them, and each is looked for.
  if (refusal == Refusal::kPoisonous && !unlogged) unlogged = 0;
  if (unlogged) {
    log_.Warn("request_refused", {{"reason", NameOf(refusal)},
                                  {"unlogged", *unlogged},
                                  {"request_id", connection.request_id_text()}});
  }
  base::seconds retry_after{0};
  if (refusal == Refusal::kNetworkShutOut) {
    retry_after = hooks_->guard->RetryAfter(request.remote_address);
  }
  http::Response response = worker::Refuse(refusal, now_, retry_after);
  if (hooks_->refused) response = hooks_->refused(request, std::move(response));
  Answer(connection, response);
}

void RequestServer::Settle(Connection& connection, http::Outcome outcome,
                           std::optional<std::string_view> address) {
  using Pending = domain::PendingWrite<http::Response>;
  while (auto* pending = std::get_if<Pending>(&outcome)) {
    connection.then = std::move(pending->then);
    connection.state = Connection::State::kPending;
    if (address) connection.address = *address;
    const base::Status sent = Send(connection, pending->record);
    if (sent.ok()) {
      connection.fcgi.FreeRequest();
      connections_.Watch(connection);  // notices that nginx left; if refused, the answer will
      return;
    }
    // Refused before it was queued: the handler turns that into its answer.
    outcome = Shielded(connection, [&, then = std::exchange(connection.then, nullptr)] {
      return then(records::WriteResult{.code = sent.code()});
    });
  }
  const http::Response& response = *std::get_if<http::Response>(&outcome);
  if (response.status >= 500) LogFailure(connection, response.status);
  Answer(connection, response);
}

base::Status RequestServer::Send(Connection& connection, const records::Write& record) {
  wire::Client::Done done = [this, tag = connection.tag()](const records::WriteResult& result) {
    Resume(tag, result);
  };
  const bool is_probe = std::holds_alternative<records::Probe>(record);
  if (is_probe) {
    // A probe says the same to all who ask meanwhile: they wait for the one that is on its way.
    probing_.push_back(connection.tag());
    if (probing_.size() > 1) return {};
    done = [this](const records::WriteResult& result) {
      for (const std::uint64_t tag : std::exchange(probing_, {})) Resume(tag, result);
    };
  }
  base::Status sent = writer_->Send(record, std::move(done), connection.address);
  if (!sent.ok()) {
    if (is_probe) probing_.clear();
    NoteWriteFailure(&connection, RefusedBySocket(sent.code()), hooks_->counters);
  }
  Add(Count::kWrites);
  return sent;
}

void RequestServer::Resume(std::uint64_t tag, const records::WriteResult& result) {
  Connection* const connection = connections_.Find(tag);
  if (connection == nullptr || connection->state != Connection::State::kPending) return;
  now_us_ = base::MonotonicMicros();
  if (result.code != Code::kOk)
    NoteWriteFailure(connection, RefusedByWriter(result.code), hooks_->counters);
  if (connection->gone) {
    Add(Count::kClientsGone);
    return connections_.Close(*connection);
  }
  GoOn(*connection, result);
}

void RequestServer::GoOn(Connection& connection, const records::WriteResult& result) {
  RequestGuard* const guard = hooks_->guard;
  if (guard != nullptr) guard->Resume(connection.request_id_bytes, connection.address);
  const auto then = std::exchange(connection.then, nullptr);
  Settle(connection, Shielded(connection, [&] { return then(result); }), std::nullopt);
  if (guard != nullptr) guard->End();
}

void RequestServer::Answer(Connection& connection, const http::Response& response) {
  RenderAnswer(response, connection.request_id_text(), &answer_);
  if (hooks_->counters != nullptr) {
    hooks_->counters->NoteAnswer(connection.route, response.status,
                                 now_us_ - connection.taken_up_us);
  }
  const auto after = closes_ ? FcgiConnection::After::kClose : FcgiConnection::After::kAsNginxAsked;
  if (!connection.fcgi.Answer(answer_, after)) return connections_.Release(connection);
  connection.state = Connection::State::kOpen;
  if (!connections_.Watch(connection)) connections_.Close(connection);
}

// What nginx's access log shows as an error of the server, with its reason. Bounded: where everything
// fails, one line is as good as a thousand.
void RequestServer::LogFailure(const Connection& connection, int status) {
  const auto unlogged = failure_lines_.Take(now_);
  if (!unlogged) return;
  std::string_view reason = connection.write_failed;
  if (reason.empty()) reason = status == 503 ? "database_unavailable" : "internal";
  log_.Warn("request_failed", {{"status", status},
                               {"reason", reason},
                               {"unlogged", *unlogged},
                               {"request_id", connection.request_id_text()}});
}

}  // namespace worker
