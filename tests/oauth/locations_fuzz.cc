// Where a request comes from and goes to: addresses, Host, path, URLs.
#include <arpa/inet.h>

#include "base/network.h"
#include "base/text.h"
#include "base/url.h"
#include "domain/issuer.h"
#include "domain/limit_keys.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "oauth/resource.h"
#include "oauth/world.h"

namespace fuzz {

namespace {

const testing_oauth::World& TheWorld() {
  static const testing_oauth::World* const world = [] {
    auto* made = new testing_oauth::World;
    made->rows.domains.push_back({.host = "login.acme.example", .organization_id = made->org});
    return made;
  }();
  return *world;
}

void CheckUrl(std::string_view url) {
  const base::UrlParts parts = base::SplitUrl(url);
  std::string whole;
  if (url.find("://") != std::string_view::npos) whole = std::string(parts.scheme) + "://";
  whole.append(parts.host);
  if (whole.size() + parts.rest.size() < url.size()) whole.append(":").append(parts.port);
  Require(whole.append(parts.rest) == url, "the parts of a URL make the URL");
}

// The library's reading of an IPv6 address, as far as it stands for no IPv4 one.
bool IsPlainIpv6(std::string_view address, std::array<std::uint8_t, 16>* bytes) {
  const std::string plain(address.substr(0, address.find('%')));
  if (plain.find('\0') != std::string::npos) return false;
  return inet_pton(AF_INET6, plain.c_str(), bytes->data()) == 1 && (*bytes)[0] == 0x20 &&
         (*bytes)[1] == 0x01 && (*bytes)[2] == 0x0d && (*bytes)[3] == 0xb8;
}

void CheckAddress(std::string_view address) {
  const base::Network network = base::NetworkOf(address);
  const domain::Network counted = domain::NetworkOf(address);
  Require((network.family == base::Network::Family::kIpv6) == !counted.site.empty(),
          "an IPv6 network lies in a site, nothing else does");
  std::array<std::uint8_t, 16> bytes{};
  if (!IsPlainIpv6(address, &bytes)) return;
  Require(network.family == base::Network::Family::kIpv6, "an IPv6 address is one");
  for (std::size_t i = 8; i < bytes.size(); ++i) bytes[i] ^= 0x5aU;
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  Require(base::NetworkOf(text.data()) == network, "neighbours are one network");
  Require(domain::NetworkOf(text.data()).text == counted.text, "and counted together");
  bytes[7] ^= 1U;
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  Require(domain::NetworkOf(text.data()).text != counted.text, "the next network is another");
  Require(domain::NetworkOf(text.data()).site == counted.site, "of the same site");
}

void CheckPlace(std::string_view host, std::string_view path) {
  const testing_oauth::World& world = TheWorld();
  const auto location = domain::FindLocation(host, path, world.ports);
  if (!location.ok()) {
    Require(!location.error().description.empty(), "a refusal has a reason");
    Require(location.error().description.find_first_of("\r\n<>\"") == std::string::npos,
            "a Host that is none is not repeated");
    return;
  }
  Require(location->issuer.empty() || location->issuer.starts_with("/o/") ||
              location->issuer.starts_with("//"),
          "an issuer is a reference");
  const bool is_by_path = location->issuer.starts_with("/o/");
  Require(!is_by_path || location->issuer.find('/', 3) == std::string::npos, "of one organization");
  Require(path.find(location->path) != std::string_view::npos || location->path == "/",
          "the path below it is a part of the path");
  const auto found = domain::FindIssuer(location->issuer, world.ports);
  const std::string url = domain::IssuerUrl(location->issuer, world.settings);
  Require(!found.ok() || found->url == url, "an issuer has one URL");
}

void CheckResource(std::string_view text) {
  const records::ServiceRow& service = TheWorld().rows.services.front();
  const auto granted = oauth::GrantResource(text, service);
  if (!granted.ok() || text.empty()) return;
  Require(text.find('\n') == std::string_view::npos, "a resource is one line");
  Require(service.resources.find(text) != std::string::npos, "and one of the service's");
  const auto narrowed = oauth::NarrowResource("", text, service);
  Require(narrowed.ok() && *narrowed == text, "what was granted holds");
}

}  // namespace

// The Host, and behind a blank the path.
std::string Grow(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return Address(random);
    case 1:
      return Url(random);
    case 2:
      return random.OneIn(4) ? "https://api.acme.example\nhttps://files.acme.example"
                             : "https://api.acme.example";
    default:
      return Host(random) + " " + Path(random);
  }
}

void FuzzOne(std::string_view bytes) {
  const std::string_view host = bytes.substr(0, bytes.find(' '));
  const std::string_view path = bytes.substr(std::min(host.size() + 1, bytes.size()));
  CheckPlace(host, path);
  CheckPlace("", bytes);
  CheckAddress(bytes);
  CheckUrl(bytes);
  CheckResource(bytes);
  const std::string shown = base::ShownUserAgent(bytes);
  Require(shown.size() <= 200, "a User-Agent is bounded");
  for (const char c : shown) Require(c >= ' ' && c < 0x7f, "and printable");
}

}  // namespace fuzz
