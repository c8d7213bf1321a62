// Who is next, where a request takes a core for tens of milliseconds: connections whose first request
// waits, one of each network in turn, within a network in the order in which they came. So a network
// that asks for more than its share waits for itself alone. Not thread-safe; a child has one of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace worker {

// Whose turn it is: an IPv4 address (IPv6 may write one too), of an IPv6 address the site around it, a
// /48, which one customer has as a whole. Other text stands for itself.
std::string QueueNetwork(std::string_view address);

class FairQueue {
 public:
  // `tag` names the connection.
  void Push(std::string_view network, std::uint64_t tag);
  // The next in turn; nullopt: nobody waits.
  std::optional<std::uint64_t> Pop();
  // The newest of the network that most wait of, of all such networks: who has to go where there is no room.
  std::optional<std::uint64_t> DropNewest();

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  struct Waiting {
    std::uint64_t tag;
    std::uint64_t came;  // the how-manieth of all
  };
  struct Flow {
    std::string network;
    std::deque<Waiting> waiting;  // oldest first; never empty
  };
  std::list<Flow> flows_;  // the first's turn is next; as many as connections at most
  std::size_t size_ = 0;
  std::uint64_t came_ = 0;
};

}  // namespace worker
