// From a connection that has a request to a complete http::Request, with the refusal of one that no
// handler should see. Not thread-safe; reuses its buffers from request to request.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/ports/random.h"
#include "http/request.h"
#include "worker/fcgi/answer.h"
#include "worker/fcgi/connection_table.h"
#include "worker/fcgi/request_guard.h"

namespace worker {

// A refused one has all but its body.
struct ReadRequest {
  http::Request request;
  std::optional<Refusal> refusal;
};

class RequestReader {
 public:
  struct Options {
    std::size_t max_body_bytes;
    base::milliseconds request_budget;
  };

  // `random` outlives the reader.
  RequestReader(Options options, domain::Random& random)
      : options_(options), random_(random), body_(options.max_body_bytes + 1) {}

  // Names the request in connection.request_id, begins it with `guard` (null: nobody guards) and
  // reads its body to the end. The views of the request hold until the next Read or the end of the
  // request, whichever comes first.
  ReadRequest Read(Connection& connection, base::Time now, RequestGuard* guard);

 private:
  void Identify(http::Request& request, Connection& connection);

  const Options options_;
  domain::Random& random_;
  std::vector<char> body_;  // one byte more tells a longest body from a longer one
  std::string host_;
};

}  // namespace worker
