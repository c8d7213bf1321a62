#include "ctl/run/nftables.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/bytes.h"
#include "crypto/hashes.h"
#include "ctl/run/nginx_config.h"
#include "nftables_files.h"

namespace ctl {

namespace {

// A client keeps a few: browsers open up to six, and hold them for keepalive_timeout.
constexpr std::int64_t kConnectionsPerClient = 4;
constexpr std::int64_t kLeastHeld = 16;
constexpr std::int64_t kLeastNew = 1;
constexpr std::int64_t kLeastTogether = 2;
// client_header_timeout of nginx/clients.conf: so long a connection lives that sends no whole head.
constexpr std::int64_t kHeadSeconds = 5;
constexpr std::int64_t kMostNetworks = 65536;
constexpr std::size_t kMarkDigits = 16;

struct Proxies {
  std::string four = "127.0.0.0/8";
  std::string six = "::1";
};

Proxies ProxiesOf(const base::Settings& settings) {
  Proxies proxies;
  std::istringstream addresses(settings.trusted_proxies);
  for (std::string address; addresses >> address;) {
    const bool is_six = address.find(':') != std::string::npos;
    (is_six ? proxies.six : proxies.four) += ", " + address;
  }
  return proxies;
}

// The rule of one kind of network: `key` in nft's words, counted in the set newSET, `share` times what an address has.
// The one that is too many passes, and makes its network busy.
std::string RuleOf(const ConnectionBounds& bounds, std::string_view set, std::string_view key,
                   std::int64_t share) {
  if (bounds.new_per_second == 0) return {};
  return fmt::format(
      "    update @new{0} {{ {1} limit rate over {2}/second burst {3} packets }} add @busy{0} {{ "
      "{1} }}\n",
      set, key, share * bounds.new_per_second, share * bounds.new_together - 1);
}

std::string Joined(const std::vector<std::int64_t>& ports) {
  return fmt::format("{}", fmt::join(ports, ", "));
}

// No more new ones than that the halves of heads alone stay within what may stand: so much holds between two counts,
// and without any. One a second passes above the rate.
ConnectionBounds WithinHeld(ConnectionBounds bounds) {
  const bool has_rate = bounds.new_per_second > 0;
  const std::int64_t together = bounds.held / 2;
  bounds.new_together =
      has_rate ? std::clamp(bounds.new_together, kLeastTogether, together) : together;
  const std::int64_t rate =
      std::max(kLeastNew, (bounds.held - bounds.new_together) / kHeadSeconds - 1);
  bounds.new_per_second = has_rate ? std::min(bounds.new_per_second, rate) : rate;
  return bounds;
}

}  // namespace

ConnectionBounds BoundsOf(const base::Settings& settings) {
  ConnectionBounds bounds;
  if (const std::int64_t clients = settings.max_clients_per_address; clients > 0) {
    bounds.held = std::max(kLeastHeld, kConnectionsPerClient * clients);
  }
  bounds.new_per_second = settings.requests_per_second_per_address;
  bounds.new_together = 2 * bounds.new_per_second;
  return bounds.held > 0 ? WithinHeld(bounds) : bounds;
}

std::string NftablesMark(const base::Settings& settings) {
  const ConnectionBounds bounds = BoundsOf(settings);
  const Proxies proxies = ProxiesOf(settings);
  const std::string text = fmt::format("{} {} {} {} {}", bounds.held, bounds.new_per_second,
                                       bounds.new_together, proxies.four, proxies.six);
  const crypto::OpenSslDigest digest;
  return "latchkey " + base::HexEncode(digest.Sha256(base::AsBytes(text))).substr(0, kMarkDigits);
}

base::Result<std::string> RenderNftables(const base::Settings& settings,
                                         const std::vector<std::int64_t>& ports) {
  const ConnectionBounds bounds = BoundsOf(settings);
  const Proxies proxies = ProxiesOf(settings);
  return FillPlaceholders(
      "nftables/latchkey.nft", nftables::kFiles.front().text,
      {{"mark", NftablesMark(settings)},
       {"proxies4", proxies.four},
       {"proxies6", proxies.six},
       {"networks", std::to_string(kMostNetworks)},
       {"ports", Joined(ports)},
       {"four", RuleOf(bounds, "4", "ip saddr", 1)},
       {"six", RuleOf(bounds, "48", "ip6 saddr and ffff:ffff:ffff::", kSiteShare) +
                   RuleOf(bounds, "64", "ip6 saddr and ffff:ffff:ffff:ffff::", 1)},
       {"nat64", RuleOf(bounds, "64", "ip6 saddr", 1)},
       {"sixtofour", RuleOf(bounds, "64", "ip6 saddr and ffff:ffff:ffff::", 1)},
       {"teredo", RuleOf(bounds, "64", "ip6 saddr and ::ffff:ffff", 1)}});
}

}  // namespace ctl
