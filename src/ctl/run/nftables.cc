#include "ctl/run/nftables.h"

#include <fmt/format.h>

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

// The rules of one kind of network: `key` in nft's words, counted in the sets newSET and heldSET, `share` times what an
// address has.
std::string RulesOf(const ConnectionBounds& bounds, std::string_view set, std::string_view key,
                    std::int64_t share) {
  std::string rules;
  if (const std::int64_t rate = share * bounds.new_per_second; rate > 0) {
    rules +=
        fmt::format("    update @new{} {{ {} limit rate over {}/second burst {} packets }} drop\n",
                    set, key, rate, 2 * rate);
  }
  if (const std::int64_t held = share * bounds.held; held > 0) {
    rules += fmt::format("    add @held{} {{ {} ct count over {} }} reject with tcp reset\n", set,
                         key, held);
  }
  return rules;
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
  bounds.new_per_second = settings.requests_per_second_per_address;
  return bounds;
}

std::string NftablesMark(const base::Settings& settings) {
  const ConnectionBounds bounds = BoundsOf(settings);
  const Proxies proxies = ProxiesOf(settings);
  const std::string text =
      fmt::format("{} {} {} {}", bounds.held, bounds.new_per_second, proxies.four, proxies.six);
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
       {"four", RulesOf(bounds, "4", "ip saddr", 1)},
       {"six", RulesOf(bounds, "48", "ip6 saddr and ffff:ffff:ffff::", kSiteShare) +
                   RulesOf(bounds, "64", "ip6 saddr and ffff:ffff:ffff:ffff::", 1)},
       {"nat64", RulesOf(bounds, "64", "ip6 saddr", 1)},
       {"teredo", RulesOf(bounds, "64", "ip6 saddr and ::ffff:ffff", 1)}});
}

}  // namespace ctl
