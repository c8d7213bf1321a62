// The codes of a device_code, drawn in the writer: the third stage of docs/performance.md, "The
// ladder". The wire answers a record with one id, so that all else is drawn from a stream that the
// id begins and the master key hides; the worker, told the id, tells its client the same codes.
#pragma once

#include <string>

#include "domain/ports/hashes.h"
#include "domain/split_token.h"
#include "records/grant_writes.h"

namespace ladder {

struct Codes {
  domain::Secret secret{};
  std::string user_code;
};
Codes CodesOf(const records::DeviceCodeId& id, const domain::Hashes& hashes);

// A record that comes from its worker without codes.
inline bool IsBlank(const records::CreateDeviceCode& record) { return record.user_code.empty(); }

}  // namespace ladder
