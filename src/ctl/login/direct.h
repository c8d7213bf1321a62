// Requests to this very machine never go through a proxy, whatever http_proxy, all_proxy and no_proxy say: the proxy
// would ask itself. Everything in ctl/ that uses libcurl asks here
// for each transfer, and sets CURLOPT_PROXY to nothing then.
#pragma once

#include <string>

namespace ctl {

// 127.0.0.0/8, ::1, their mapped and unspecified forms, localhost and names below it; however the URL writes them.
bool IsThisMachine(const std::string& url);

}  // namespace ctl
