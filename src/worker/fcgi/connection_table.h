// The connections of one loop: slots that are reused, and their place in the epoll. A slot's
// address stays; a tag names its present user, so that a late event or answer never meets the next
// one. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/response.h"
#include "worker/fcgi/fcgi_connection.h"

namespace worker {

struct Connection {
  // kWaiting: its first request has come and has no turn yet; not in the epoll.
  enum class State : std::uint8_t { kFree, kWaiting, kOpen, kPending };

  FcgiConnection fcgi;
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
  State state = State::kFree;
  bool watched = false;  // is in the epoll
  bool gone = false;     // nginx closed it while its write was pending
  std::array<char, 32> request_id{};
  base::IdBytes request_id_bytes{};                                // the same
  std::function<http::Outcome(const records::WriteResult&)> then;  // while kPending
  std::size_t route = 0;          // of the request, as it is counted
  std::int64_t taken_up_us = 0;   // CLOCK_MONOTONIC
  std::string_view write_failed;  // why its write failed, for the log; static storage
  std::string address;            // the client's, while kPending

  std::uint64_t tag() const { return std::uint64_t{generation} << 32 | index; }
  std::string_view request_id_text() const { return {request_id.data(), request_id.size()}; }
};

class ConnectionTable {
 public:
  // At most `most` at once; memory grows to the most that were ever open. `epoll_fd` outlives the
  // table.
  ConnectionTable(std::size_t most, int epoll_fd) : most_(most), epoll_fd_(epoll_fd) {}
  ~ConnectionTable();
  ConnectionTable(const ConnectionTable&) = delete;
  ConnectionTable& operator=(const ConnectionTable&) = delete;

  std::size_t open() const { return open_; }
  bool is_full() const { return open_ >= most_; }

  // The slot the next connection will get; still free. The table is not full.
  Connection& NextFree();
  // Makes that slot an open connection.
  void Take(Connection& connection);
  // nullptr: not open any more.
  Connection* Find(std::uint64_t tag);

  // Registers it for reading, level-triggered, under its tag. false: the kernel refused.
  bool Watch(Connection& connection);
  void Unwatch(Connection& connection);

  void Close(Connection& connection);
  // For a connection whose descriptor is closed already, and so out of the epoll.
  void Release(Connection& connection);
  void CloseAll();

 private:
  const std::size_t most_;
  const int epoll_fd_;
  std::deque<Connection> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t open_ = 0;
};

}  // namespace worker
