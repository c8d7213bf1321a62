// What a driver sends and makes of the answers; its connections and its loop are in driver.cc.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/clock.h"
#include "client/driver.h"

namespace load {

std::uint64_t Driver::NextRandom() {  // xorshift64
  random_state_ ^= random_state_ << 13;
  random_state_ ^= random_state_ >> 7;
  random_state_ ^= random_state_ << 17;
  return random_state_;
}

void Driver::BecomeIdle(Connection* connection) {
  if (connection->state != State::kIdle || !MayAsk()) return;
  if (due_step_ > 0) {
    idle_.push_back(IndexOf(*connection));
  } else {
    Ask(connection, now_);
  }
}

void Driver::AskDue() {
  while (due_step_ > 0 && !idle_.empty() && static_cast<std::int64_t>(due_) <= now_ && MayAsk()) {
    Connection* connection = &connections_[idle_.front()];
    idle_.pop_front();
    if (connection->state != State::kIdle) continue;  // closed while it was idle
    Ask(connection, static_cast<std::int64_t>(due_));
    due_ += due_step_;
  }
}

void Driver::Ask(Connection* connection, std::int64_t due_micros) {
  const RequestKind& kind = scenario_.Choose(NextRandom(), &connection->kind);
  std::uint64_t& next = next_variant_[connection->kind];
  if (kind.once && next >= kind.variants.size()) return UseUp();
  connection->request.assign(kind.head).append(kind.variants[next % kind.variants.size()]);
  next += options_.threads;
  if (options_.count > 0) --left_;
  connection->due_micros = due_micros;
  Send(connection);
}

void Driver::Send(Connection* connection) {
  const std::string& request = connection->request;
  connection->state = State::kWaiting;
  connection->sent_micros = now_;
  ++waiting_;
  const ssize_t sent = ::send(connection->fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return LoseUnanswered(connection);
  const auto done = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  if (done == request.size()) return;
  connection->unsent = request.substr(done);
  Watch(connection, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

// Asking on without one kind would be another mix: the load ends as if its time were over.
void Driver::UseUp() {
  tally_.used_up = true;
  stop_at_ = std::min(stop_at_, now_);
}

void Driver::SendUnsent(Connection* connection) {
  std::string& unsent = connection->unsent;
  const ssize_t sent = ::send(connection->fd.get(), unsent.data(), unsent.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return LoseUnanswered(connection);
  unsent.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  if (unsent.empty()) Watch(connection, EPOLLIN, EPOLL_CTL_MOD);
}

// ---- answers ----

void Driver::OnEvent(Connection* connection, std::uint32_t events) {
  if (connection->state == State::kClosed) return;
  if (connection->state == State::kConnecting) return OnConnected(connection);
  if ((events & EPOLLOUT) != 0 && !connection->unsent.empty()) SendUnsent(connection);
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0 && connection->fd.valid()) OnReadable(connection);
}

void Driver::OnReadable(Connection* connection) {
  const ssize_t size = ::recv(connection->fd.get(), buffer_.data(), buffer_.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) {
    if (connection->state == State::kWaiting) return LoseUnanswered(connection);
    return Reconnect(connection);
  }
  const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
  if (connection->received.empty()) return OnBytes(connection, bytes);
  connection->received.append(bytes);
  const std::string all = std::move(connection->received);
  connection->received.clear();
  OnBytes(connection, all);
}

void Driver::OnBytes(Connection* connection, std::string_view bytes) {
  const RequestKind& kind = scenario_.kinds[connection->kind];
  const bool look = !kind.save_name.empty() || judged_ % options_.check_every == 0;
  HttpAnswer answer;
  switch (ParseAnswer(bytes, look ? Body::kKeep : Body::kSkip, &answer)) {
    case Parsed::kIncomplete:
      connection->received = bytes;
      return;
    case Parsed::kMalformed:
      return Lose(connection, Failure::kMalformed);
    case Parsed::kComplete:
      break;
  }
  if (connection->state != State::kWaiting || answer.bytes != bytes.size()) {
    return Lose(connection, Failure::kMalformed);
  }
  OnAnswer(connection, answer);
}

void Driver::OnAnswer(Connection* connection, const HttpAnswer& answer) {
  KindTally& tally = tally_.by_kind[connection->kind];
  --waiting_;
  connection->state = State::kIdle;
  connection->is_reused = true;
  connection->sends_again = false;
  Judge(&tally, scenario_.kinds[connection->kind], answer, connection);
  ++judged_;
  if (answer.closes) return Reconnect(connection);
  BecomeIdle(connection);
}

void Driver::Judge(KindTally* tally, const RequestKind& kind, const HttpAnswer& answer,
                   Connection* connection) {
  now_ = base::MonotonicMicros();
  const auto micros =
      static_cast<std::uint64_t>(std::max<std::int64_t>(now_ - connection->due_micros, 0));
  if (micros > 1000000) ++tally_.over_one_second;
  tally_.longest_micros = std::max(tally_.longest_micros, micros);
  if (answer.status != kind.status) {
    ++tally->wrong_statuses[answer.status];
    return tally->Fail(Failure::kStatus);
  }
  if (!answer.content_type.starts_with(kind.answer_type)) return tally->Fail(Failure::kType);
  if (judged_ % options_.check_every == 0 && answer.body.find(kind.contains) == std::string::npos) {
    return tally->Fail(Failure::kField);
  }
  if (auto& save = saves_[connection->kind]) {
    const auto value = JsonText(answer.body, kind.save_name);
    if (!value) return tally->Fail(Failure::kField);
    save->Add(*value);
  }
  ++tally->answered;
  if (now_ < measure_from_ || now_ >= stop_at_) return;
  tally->latency.Add(micros);
  if (second_log_ != nullptr) second_.latency.Add(micros);
}

}  // namespace load
