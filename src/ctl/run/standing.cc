#include "ctl/run/standing.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <span>

#include "base/network.h"
#include "base/os/unique_fd.h"
#include "ctl/run/nginx_config.h"

namespace ctl {

namespace {

using Address = std::array<std::uint8_t, 16>;
using Counts = std::map<Address, std::int64_t>;

// One answer of a dump holds many messages; the kernel makes none larger.
constexpr std::size_t kAnswerBytes = 65536;

constexpr std::uint32_t kOpen = (1U << TCP_ESTABLISHED) | (1U << TCP_CLOSE_WAIT);
constexpr std::uint32_t kClosing =
    (1U << TCP_FIN_WAIT1) | (1U << TCP_FIN_WAIT2) | (1U << TCP_CLOSING) | (1U << TCP_LAST_ACK);

constexpr std::size_t kV4Bytes = 4;
constexpr std::size_t kSiteBytes = 6;  // a /48; of 6to4 its prefix and the IPv4 address
constexpr std::size_t kNetworkBytes = 8;

template <class T>
T Copied(std::span<const char> bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
  return value;
}

base::Status AskForSockets(int fd, int family) {
  struct {
    nlmsghdr header{};
    inet_diag_req_v2 body{};
  } request;
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = static_cast<std::uint8_t>(family);
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = kOpen | kClosing;
  if (::send(fd, &request, sizeof request, 0) < 0) return base::ErrnoStatus("sock_diag", errno);
  return {};
}

bool IsHeld(const inet_diag_msg& socket) {
  return ((1U << socket.idiag_state) & kOpen) != 0 || socket.idiag_inode != 0;
}

Peer PeerOf(const inet_diag_msg& socket) {
  Peer peer{.is_six = socket.idiag_family == AF_INET6, .address = {}};
  const std::size_t size = peer.is_six ? peer.address.size() : kV4Bytes;
  std::memcpy(peer.address.data(), socket.id.idiag_dst, size);
  if (!peer.is_six || base::EmbeddingOf(peer.address) != base::Embedding::kMapped) return peer;
  Peer mapped;
  std::ranges::copy(std::span(peer.address).last(kV4Bytes), mapped.address.begin());
  return mapped;
}

// The messages of one answer. True: there are more answers.
base::Result<bool> TakeSockets(std::span<const char> answer, const std::vector<std::int64_t>& ports,
                               std::vector<Peer>* peers) {
  while (answer.size() >= sizeof(nlmsghdr)) {
    const auto header = Copied<nlmsghdr>(answer);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > answer.size()) break;
    const auto body = answer.subspan(sizeof header, header.nlmsg_len - sizeof header);
    if (header.nlmsg_type == NLMSG_DONE) return false;
    if (header.nlmsg_type == NLMSG_ERROR) {
      return base::ErrnoStatus("sock_diag", -Copied<nlmsgerr>(body).error);
    }
    const auto socket = Copied<inet_diag_msg>(body);
    if (std::ranges::find(ports, ntohs(socket.id.idiag_sport)) != ports.end() && IsHeld(socket)) {
      peers->push_back(PeerOf(socket));
    }
    answer = answer.subspan(std::min<std::size_t>(answer.size(), NLMSG_ALIGN(header.nlmsg_len)));
  }
  return true;
}

base::Status TakeFamily(int fd, int family, const std::vector<std::int64_t>& ports,
                        std::vector<Peer>* peers) {
  if (base::Status asked = AskForSockets(fd, family); !asked.ok()) return asked;
  std::vector<char> buffer(kAnswerBytes);
  for (;;) {
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return base::ErrnoStatus("sock_diag", errno);
    const auto more =
        TakeSockets(std::span(buffer).first(static_cast<std::size_t>(size)), ports, peers);
    if (!more.ok()) return more.error();
    if (!*more) return {};
  }
}

Address FirstBytes(const Address& address, std::size_t count) {
  Address first{};
  std::ranges::copy(std::span(address).first(count), first.begin());
  return first;
}

Address LastBytes(const Address& address, std::size_t count) {
  Address last{};
  std::ranges::copy(std::span(address).last(count), std::span(last).last(count).begin());
  return last;
}

struct Networks {
  Counts four;
  Counts site;
  Counts six;
};

// By what nftables/latchkey.nft looks a peer up.
void CountPeer(const Peer& peer, Networks* networks) {
  if (!peer.is_six) {
    ++networks->four[peer.address];
    return;
  }
  switch (base::EmbeddingOf(peer.address)) {
    case base::Embedding::kNat64:
      ++networks->six[peer.address];
      return;
    case base::Embedding::kSixToFour:
      ++networks->six[FirstBytes(peer.address, kSiteBytes)];
      return;
    case base::Embedding::kTeredo:
      ++networks->six[LastBytes(peer.address, kV4Bytes)];
      return;
    case base::Embedding::kMapped:  // none: it comes as IPv4
    case base::Embedding::kNone:
      ++networks->site[FirstBytes(peer.address, kSiteBytes)];
      ++networks->six[FirstBytes(peer.address, kNetworkBytes)];
      return;
  }
}

std::vector<std::string> ThoseWith(const Counts& counts, int family, std::int64_t least) {
  std::vector<std::string> texts;
  for (const auto& [address, count] : counts) {
    if (count < least) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(family, address.data(), text.data(), text.size());
    texts.emplace_back(text.data());
  }
  return texts;
}

std::string SetTo(std::string_view set, const std::vector<std::string>& elements) {
  std::string text = fmt::format("flush set inet latchkey {}\n", set);
  if (!elements.empty()) {
    text += fmt::format("add element inet latchkey {} {{ {} }}\n", set, fmt::join(elements, ", "));
  }
  return text;
}

}  // namespace

base::Result<std::vector<Peer>> StandingPeers(const std::vector<std::int64_t>& ports) {
  const base::UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!fd.valid()) return base::ErrnoStatus("sock_diag", errno);
  std::vector<Peer> peers;
  for (const int family : {AF_INET, AF_INET6}) {
    if (base::Status taken = TakeFamily(fd.get(), family, ports, &peers); !taken.ok()) return taken;
  }
  return peers;
}

FullNetworks FullNetworksOf(const std::vector<Peer>& peers, const ConnectionBounds& bounds) {
  if (bounds.held == 0) return {};
  Networks networks;
  for (const Peer& peer : peers) CountPeer(peer, &networks);
  return {.four = ThoseWith(networks.four, AF_INET, bounds.held),
          .site = ThoseWith(networks.site, AF_INET6, kSiteShare * bounds.held),
          .six = ThoseWith(networks.six, AF_INET6, bounds.held)};
}

std::string ElementsOf(const FullNetworks& full) {
  return SetTo("full4", full.four) + SetTo("full48", full.site) + SetTo("full64", full.six);
}

}  // namespace ctl
