// Who holds how many of the connections that stand: counted from the server's own sockets, so that only those count
// whose handshake is through. Source: sock_diag(7).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "ctl/run/nftables.h"

namespace ctl {

// The other end of a connection. An IPv4 address is the first four bytes.
struct Peer {
  bool is_six = false;
  std::array<std::uint8_t, 16> address{};
};

// Of the TCP connections to these local ports, in the network namespace of the caller. What a program still holds
// counts, and what waits for it to accept; half-open connections and those that the kernel alone still knows do not.
base::Result<std::vector<Peer>> StandingPeers(const std::vector<std::int64_t>& ports);

// Elements of the sets full4, full48 and full64 of nftables/latchkey.nft, sorted.
struct FullNetworks {
  std::vector<std::string> four;
  std::vector<std::string> site;
  std::vector<std::string> six;

  bool operator==(const FullNetworks&) const = default;
};

// The networks that have at least as many connections as `bounds` give them. Pure.
FullNetworks FullNetworksOf(const std::vector<Peer>& peers, const ConnectionBounds& bounds);

// What makes the three sets hold these and nothing else, for `nft --file`, in one transaction. Pure.
std::string ElementsOf(const FullNetworks& full);

}  // namespace ctl
