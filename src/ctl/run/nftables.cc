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
// Those that stand are counted each second: what may come before the next count is a part of what may stand.
constexpr std::int64_t kSecondsToFill = 4;
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
// Who has more goes to the chain overKIND.
std::string RuleOf(const ConnectionBounds& bounds, std::string_view kind, std::string_view set,
                   std::string_view key, std::int64_t share) {
  const std::int64_t rate = share * bounds.new_per_second;
  if (rate == 0) return {};
  return fmt::format(
      "    update @new{} {{ {} limit rate over {}/second burst {} packets }} jump over{}\n", set,
      key, rate, share * bounds.new_together, kind);
}

std::string Joined(const std::vector<std::int64_t>& ports) {
  return fmt::format("{}", fmt::join(ports, ", "));
}

}  // namespace

ConnectionBounds BoundsOf(const base::Settings& settings) {
  ConnectionBounds bounds;
  if (const std::int64_t clients = settings.max_clients_per_address; clients > 0) {
    bounds.held = std::max(kLeastHeld, kConnectionsPerClient * clients);
  }
  const std::int64_t requests = settings.requests_per_second_per_address;
  if (bounds.held == 0) {
    bounds.new_per_second = requests;
    bounds.new_together = 2 * requests;
    return bounds;
  }
  bounds.new_per_second = bounds.held / kSecondsToFill;
  bounds.new_together = bounds.held / 2;
  if (requests == 0) return bounds;
  bounds.new_per_second = std::min(bounds.new_per_second, requests);
  bounds.new_together = std::min(bounds.new_together, 2 * requests);
  return bounds;
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
       {"four", RuleOf(bounds, "4", "4", "ip saddr", 1)},
       {"six", RuleOf(bounds, "48", "48", "ip6 saddr and ffff:ffff:ffff::", kSiteShare) +
                   RuleOf(bounds, "64", "64", "ip6 saddr and ffff:ffff:ffff:ffff::", 1)},
       {"nat64", RuleOf(bounds, "_nat64", "64", "ip6 saddr", 1)},
       {"teredo", RuleOf(bounds, "_teredo", "64", "ip6 saddr and ::ffff:ffff", 1)}});
}

}  // namespace ctl
