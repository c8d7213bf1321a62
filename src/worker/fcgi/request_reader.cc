#include "worker/fcgi/request_reader.h"

#include <algorithm>

#include "base/bytes.h"
#include "worker/fcgi/request_params.h"

namespace worker {

namespace {

constexpr base::milliseconds kOldestAge{60000};  // older, or negative: the clocks disagree

base::Time ReceivedAt(std::string_view request_time, base::Time now) {
  const auto time = ParseRequestTime(request_time);
  if (!time || *time > now || now - *time > kOldestAge) return now;
  return *time;
}

}  // namespace

ReadRequest RequestReader::Read(Connection& connection, base::Time now, RequestGuard* guard) {
  RequestParams params = ReadParams(connection.fcgi.environment());
  http::Request& request = params.request;
  Identify(request, connection);
  std::optional<Refusal> refusal;
  if (guard != nullptr) refusal = guard->Begin(request.request_id.bytes, request.remote_address);
  request.received_at = ReceivedAt(params.request_time, now);
  if (!IsNormalizedHost(request.host)) request.host = host_ = NormalizeHost(request.host);
  // The body first, whatever it is: the next request stands behind it.
  const std::size_t size = connection.fcgi.ReadBody(body_);
  if (refusal) return {request, refusal};
  const auto announced = ParseContentLength(params.content_length);
  if (!announced) return {request, Refusal::kBodyIncomplete};
  if (size > options_.max_body_bytes || *announced > options_.max_body_bytes) {
    return {request, Refusal::kBodyTooLarge};
  }
  if (!params.content_length.empty() && *announced != size) {
    return {request, Refusal::kBodyIncomplete};
  }
  if (now - request.received_at > options_.request_budget) return {request, Refusal::kTooOld};
  request.body = std::string_view(body_.data(), size);
  return {request, std::nullopt};
}

// nginx's $request_id, the same for every child that nginx sends this request to; else a random
// one.
void RequestReader::Identify(http::Request& request, Connection& connection) {
  base::IdBytes& bytes = request.request_id.bytes;
  if (base::HexDecodeInto(request.request_id_text, bytes)) {
    request.request_id_text.copy(connection.request_id.data(), connection.request_id.size());
  } else {
    random_.Fill(bytes);
    std::ranges::copy(base::HexEncode(bytes), connection.request_id.begin());
  }
  connection.request_id_bytes = bytes;
  request.request_id_text = connection.request_id_text();
}

}  // namespace worker
