// The codes of a device_code, drawn in the writer: the third stage of docs/performance.md, "The
// ladder". The wire answers a record with one id, so that all else is drawn from a stream that the
// id begins and the master key hides; the worker, told the id, tells its client the same codes.
#pragma once

#include <string>

#include "oauth/ports.h"
#include "oauth/split_token.h"

namespace ladder {

struct Codes {
  oauth::Secret secret{};
  std::string user_code;
};
Codes CodesOf(const records::DeviceCodeId& id, const oauth::Hashes& hashes);

// A record that comes from its worker without codes.
inline bool IsBlank(const records::CreateDeviceCode& record) { return record.user_code.empty(); }

}  // namespace ladder
