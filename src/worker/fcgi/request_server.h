// The walk of one request through a child, from its parameters to its answer. A read is answered
// where it stands; a request whose write is pending is parked in its connection until the writer
// answered. Single-threaded, on the loop. Source: docs/ARCHITECTURE.md "the walk of one request".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/line_quota.h"
#include "base/log.h"
#include "domain/ports/random.h"
#include "http/request.h"
#include "http/response.h"
#include "metrics/counters.h"
#include "records/writes.h"
#include "wire/client.h"
#include "worker/fcgi/answer.h"
#include "worker/fcgi/connection_table.h"
#include "worker/fcgi/fcgi_loop.h"
#include "worker/fcgi/request_reader.h"

namespace worker {

class RequestServer {
 public:
  // All of them outlive the server.
  RequestServer(const FcgiLoop::Options& options, ConnectionTable& connections,
                domain::Random& random, const base::Log& log);

  // Before the first request; both outlive the server's last.
  void Use(const FcgiLoop::Hooks& hooks, wire::Client& writer);
  void TurnStarted(base::Time now) { now_ = now; }
  // From now on a connection ends with its answer.
  void CloseAfterAnswers() { closes_ = true; }

  // The request that has come in on the connection.
  void Serve(Connection& connection);
  // The same, without asking a handler.
  void Refuse(Connection& connection, Refusal refusal);
  // nginx left before the request had its turn.
  void Leave(Connection& connection);

  std::uint64_t served() const { return served_; }

 private:
  void ServeNext(Connection& connection);
  http::Outcome Handle(Connection& connection, const http::Request& request);
  // The outcome of `work`; 500 where a library threw: that is one request's failure and ends no child.
  template <class Work>
  http::Outcome Shielded(const Connection& connection, const Work& work);
  void Refuse(Connection& connection, const http::Request& request, Refusal refusal);
  // `address`: of the client; absent where the connection keeps it already.
  void Settle(Connection& connection, http::Outcome outcome,
              std::optional<std::string_view> address);
  void Resume(std::uint64_t tag, const records::WriteResult& result);
  void GoOn(Connection& connection, const records::WriteResult& result);
  base::Status Send(Connection& connection, const records::Write& record);
  void Answer(Connection& connection, const http::Response& response);
  void LogFailure(const Connection& connection, int status);
  void Add(metrics::Count count) {
    if (hooks_->counters != nullptr) hooks_->counters->Add(count);
  }

  const FcgiLoop::Options& options_;
  ConnectionTable& connections_;
  const base::Log& log_;
  const FcgiLoop::Hooks* hooks_ = nullptr;
  wire::Client* writer_ = nullptr;

  RequestReader reader_;
  std::string answer_;                  // reused
  std::vector<std::uint64_t> probing_;  // connections that wait for one probe, by tag
  base::Time now_;                      // at the start of the turn
  bool closes_;
  std::uint64_t served_ = 0;
  std::int64_t now_us_ = 0;  // CLOCK_MONOTONIC, when the last handler or write was done
  base::LineQuota refusal_lines_;
  base::LineQuota failure_lines_;
};

}  // namespace worker
