#include "ladder/worker/blank_writes.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "ladder/codes.h"
#include "oauth/device/device_flow.h"
#include "worker/handlers/reply.h"
#include "worker/routes.h"

namespace ladder {

BlankWrites::BlankWrites(const worker::App& app, const crypto::MasterKey& key)
    : hashes_(key),
      ports_{.settings = app.ports.settings,
             .clock = app.ports.clock,
             .directory = app.ports.directory,
             .reader = app.ports.reader,
             .random = zeros_,
             .ids = zeros_,
             .hashes = app.ports.hashes,
             .signer = app.ports.signer,
             .polls = app.ports.polls,
             .limits = app.ports.limits,
             .assertions = app.ports.assertions,
             .used_jtis = app.ports.used_jtis},
      app_{.ports = ports_, .password_hasher = app.password_hasher, .log = app.log} {}

void BlankWrites::Zeros::Fill(std::span<std::uint8_t> out) {
  std::ranges::fill(out, std::uint8_t{0});
}

http::Outcome BlankWrites::Handle(const http::Request& request) {
  return Blank(worker::Dispatch(request, app_));
}

http::Outcome BlankWrites::Blank(http::Outcome outcome) {
  auto* pending = std::get_if<domain::PendingWrite<http::Response>>(&outcome);
  if (pending == nullptr) return outcome;
  auto* record = std::get_if<records::CreateDeviceCode>(&pending->record);
  if (record == nullptr) return outcome;
  record->user_code.clear();
  pending->then =
      [this, then = std::move(pending->then)](const records::WriteResult& result) -> http::Outcome {
    if (result.code == base::Code::kOk) return Tell(records::DeviceCodeId{result.id});
    return Blank(then(result));
  };
  return outcome;
}

http::Response BlankWrites::Tell(const records::DeviceCodeId& id) const {
  const Codes codes = CodesOf(id, hashes_);
  const std::string uri = ports_.settings.public_url + "/activate";
  return worker::JsonResponse(worker::ToJson(
      oauth::DeviceAuthorization{.device_code = domain::EncodeSplitToken(id, codes.secret),
                                 .user_code = codes.user_code,
                                 .verification_uri = uri,
                                 .verification_uri_complete = uri + "?user_code=" + codes.user_code,
                                 .expires_in = base::seconds(ports_.settings.device_code_s),
                                 .interval = base::seconds(ports_.settings.poll_interval_s)}));
}

}  // namespace ladder
