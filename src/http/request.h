// One request as the FastCGI loop hands it to a handler. Views into the loop's buffers: valid until
// the handler returned, so a pending write's closure copies what it needs.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "records/ids.h"

namespace http {

struct Request {
  std::string_view method;
  std::string_view path;    // decoded by nginx, without the query
  std::string_view issuer;  // which one it came to (domain/issuer.h); the path is the one below it
  std::string_view query;
  std::string_view content_type;
  std::string_view body;  // bounded by the loop (16 KB)
  std::string_view host;  // lower case, without port, as nginx's $host
  std::string_view authorization;
  std::string_view cookie;
  std::string_view user_agent;
  std::string_view accept;
  std::string_view origin;
  std::string_view sec_fetch_site;
  std::string_view sec_fetch_mode;
  std::string_view sec_fetch_dest;
  std::string_view if_none_match;
  std::string_view remote_address;   // IPv4 or IPv6 text
  std::string_view request_id_text;  // nginx's $request_id, 32 hex digits
  records::RecordId request_id;      // the same, or random where the caller sent none
  base::Time received_at;            // nginx's $msec; now where absent or out of range
};

}  // namespace http
