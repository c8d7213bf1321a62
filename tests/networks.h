// Who is one network, for all that count by addresses: the limits of the pools, the login pool's queue and the rooms
// of device codes (base/network.h), nginx (nginx/http.conf), nftables (ctl/run/standing.h, nftables/latchkey.nft).
// tests/ctl/run_nginx_test.py reads the rows, too.
#pragma once

#include <array>
#include <string_view>

namespace networks {

struct Row {
  std::string_view address;
  std::string_view network;  // as base::ToText writes it
  std::string_view site;     // empty: none, for IPv4 has nothing larger than an address
};

// clang-format off
inline constexpr std::array kRows{
    Row{"192.0.2.1", "192.0.2.1", ""},
    Row{"192.0.2.2", "192.0.2.2", ""},
    Row{"::ffff:192.0.2.1", "192.0.2.1", ""},
    Row{"::fffe:192.0.2.1", "::/64", "::/48"},
    Row{"::192.0.2.1", "::/64", "::/48"},
    Row{"64:ff9b::192.0.2.1", "192.0.2.1", ""},
    Row{"64:ff9b::192.0.2.3", "192.0.2.3", ""},
    Row{"64:ff9b:0:1::192.0.2.1", "64:ff9b:0:1::/64", "64:ff9b::/48"},
    Row{"64:ff9b:1::192.0.2.1", "64:ff9b:1::/64", "64:ff9b:1::/48"},
    Row{"2002:c000:201::1", "192.0.2.1", ""},
    Row{"2002:c000:201:1:ffff::9", "192.0.2.1", ""},
    Row{"2002:c000:204:7::1", "192.0.2.4", ""},
    Row{"2003:c000:201::1", "2003:c000:201::/64", "2003:c000:201::/48"},
    Row{"2001:0:4136:e378:8000:63bf:3fff:fdfe", "192.0.2.1", ""},
    Row{"2001:0:53aa:64c::3fff:fdfe", "192.0.2.1", ""},
    Row{"2001:0:4136:e378:8000:63bf:3fff:fdfa", "192.0.2.5", ""},
    Row{"2001:1:4136:e378:8000:63bf:3fff:fdfe", "2001:1:4136:e378::/64", "2001:1:4136::/48"},
    Row{"2001:db8:1:2::3", "2001:db8:1:2::/64", "2001:db8:1::/48"},
    Row{"2001:db8:1:2:ffff::9", "2001:db8:1:2::/64", "2001:db8:1::/48"},
    Row{"2001:db8:1:3::3", "2001:db8:1:3::/64", "2001:db8:1::/48"},
    Row{"2001:db8:2:2::3", "2001:db8:2:2::/64", "2001:db8:2::/48"},
};
// clang-format on

}  // namespace networks
