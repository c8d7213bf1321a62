#include "worker/fcgi/connection_table.h"

#include <sys/epoll.h>

namespace worker {

ConnectionTable::~ConnectionTable() { CloseAll(); }

Connection& ConnectionTable::NextFree() {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back().index = free_.back();
  }
  return slots_[free_.back()];
}

void ConnectionTable::Take(Connection& connection) {
  free_.pop_back();
  ++open_;
  connection.state = Connection::State::kOpen;
}

Connection* ConnectionTable::Find(std::uint64_t tag) {
  const auto index = static_cast<std::uint32_t>(tag);
  if (index >= slots_.size()) return nullptr;
  Connection& connection = slots_[index];
  const bool same = connection.tag() == tag && connection.state != Connection::State::kFree;
  return same ? &connection : nullptr;
}

bool ConnectionTable::Watch(Connection& connection) {
  if (connection.watched) return true;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = connection.tag()}};
  connection.watched = epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, connection.fcgi.fd(), &event) == 0;
  return connection.watched;
}

void ConnectionTable::Unwatch(Connection& connection) {
  if (!connection.watched) return;
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, connection.fcgi.fd(), nullptr);
  connection.watched = false;
}

void ConnectionTable::Close(Connection& connection) {
  connection.fcgi.Close();
  Release(connection);
}

void ConnectionTable::Release(Connection& connection) {
  ++connection.generation;
  connection.state = Connection::State::kFree;
  connection.watched = false;
  connection.gone = false;
  connection.then = nullptr;
  free_.push_back(connection.index);
  --open_;
}

void ConnectionTable::CloseAll() {
  for (Connection& connection : slots_) {
    if (connection.state != Connection::State::kFree) Close(connection);
  }
}

}  // namespace worker
