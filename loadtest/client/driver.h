// One thread's share of the load: an epoll over its connections. Closed loop: each connection asks
// again as soon as it was answered. Open loop: requests are due at fixed times, latency counts from
// then, and what finds no free connection waits its turn. Not thread-safe; Connect(), Run() and
// tally() are called by one thread. Scenario and options outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/os/unique_fd.h"
#include "base/status.h"
#include "client/http_answer.h"
#include "client/line_file.h"
#include "client/options.h"
#include "client/scenario.h"
#include "client/second_log.h"
#include "client/tally.h"

namespace load {

class Driver {
 public:
  // The `index`-th of options.threads. Once `stop_fd` is readable (it is not read) the load ends
  // early. `second_log` may be null.
  Driver(const Options& options, const Scenario& scenario, std::uint32_t index, int stop_fd,
         SecondLog* second_log);

  // Opens every connection, a bounded number at a time, and asks nothing yet. kUnavailable: not all
  // of them within the timeout.
  base::Status Connect();
  // Drives the load, then waits for the answers that are still out.
  base::Status Run();
  const Tally& tally() const { return tally_; }

 private:
  enum class State : std::uint8_t { kClosed, kConnecting, kIdle, kWaiting };
  struct Connection {
    base::UniqueFd fd;
    State state = State::kClosed;
    std::size_t kind = 0;
    bool is_reused = false;       // it has answered before
    bool sends_again = false;     // what it did not answer, once it is open
    std::int64_t due_micros = 0;  // when the request was, or should have been, sent
    std::int64_t sent_micros = 0;
    std::string request;   // the last one
    std::string received;  // an answer's beginning
    std::string unsent;    // a request's end
  };
  enum class Phase : std::uint8_t { kConnecting, kRunning, kDraining };

  std::uint32_t IndexOf(const Connection& connection) const;
  base::Status OpenSaves();

  void Open(Connection* connection);
  void Close(Connection* connection);
  void ChooseSource(const Connection& connection) const;
  void Reconnect(Connection* connection);
  void Lose(Connection* connection, Failure failure);
  void LoseUnanswered(Connection* connection);
  void OnConnected(Connection* connection);
  void OnEvent(Connection* connection, std::uint32_t events);
  void OnReadable(Connection* connection);
  void OnBytes(Connection* connection, std::string_view bytes);
  void OnAnswer(Connection* connection, const HttpAnswer& answer);
  void Judge(KindTally* tally, const RequestKind& kind, const HttpAnswer& answer,
             Connection* connection);

  void Watch(Connection* connection, std::uint32_t events, int operation);
  void Ask(Connection* connection, std::int64_t due_micros);
  void Send(Connection* connection);
  void UseUp();
  void SendUnsent(Connection* connection);
  void BecomeIdle(Connection* connection);
  void AskDue();
  bool MayAsk() const;

  void Turn(std::int64_t wake_micros);
  void StopEarly();
  void Sweep();
  base::Status LogSeconds();
  std::uint64_t NextRandom();

  const Options& options_;
  const Scenario& scenario_;
  std::uint32_t index_;
  int stop_fd_;
  SecondLog* second_log_;
  base::UniqueFd epoll_;
  std::vector<Connection> connections_;
  std::deque<std::uint32_t> idle_;      // open loop only
  std::vector<std::uint32_t> to_open_;  // closed, to be connected again
  std::vector<std::uint64_t> next_variant_;
  std::vector<std::optional<LineFile>> saves_;
  Tally tally_;
  SecondTally second_;               // what came since the last second that was logged
  std::uint64_t logged_ = 0;         // seconds
  std::uint64_t failed_before_ = 0;  // requests that failed in them
  Phase phase_ = Phase::kConnecting;
  std::uint64_t random_state_;
  std::uint64_t left_ = 0;  // requests still to ask, where a count is given
  std::uint32_t opening_ = 0;
  std::uint32_t waiting_ = 0;
  std::uint64_t judged_ = 0;
  std::int64_t now_ = 0;  // refreshed each turn, micros
  std::int64_t measure_from_ = 0;
  std::int64_t stop_at_ = 0;
  std::int64_t next_sweep_ = 0;
  double due_ = 0;  // open loop: when the next request is due, micros
  double due_step_ = 0;
  std::vector<char> buffer_;
};

}  // namespace load
