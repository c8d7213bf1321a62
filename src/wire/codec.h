// Records and results as bytes. Byte layout: docs/wire-protocol.md and the essay in codec.cc.
// Pure functions; decoding is bounded and never reads past its input.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "records/writes.h"

namespace wire {

inline constexpr std::size_t kMaxFrameBytes = 32 * 1024;   // one SEQPACKET packet
inline constexpr std::size_t kMaxRecordBytes = 24 * 1024;  // one encoded record
inline constexpr std::uint16_t kWireVersion = 1;
inline constexpr std::uint16_t kOldestWireVersion = 1;  // that the writer takes

// UTF-8 without NUL: what a record may hold as text, so that no reader of the database, of a log or of an
// export meets anything else.
bool IsText(std::string_view text);

// Appends type and fields of one record. kInvalid: longer than kMaxRecordBytes, or a text that is none
// (IsText).
base::Status AppendRecord(const records::Write& write, std::string* out);
// Decodes exactly `bytes`. kCorrupt: unknown type, bad length, value out of range, trailing bytes.
// kInvalid: a record in all else, but for a text that is none: to be refused with an answer, for the
// sender speaks the protocol.
base::Result<records::Write> DecodeRecord(std::span<const std::uint8_t> bytes);
// The index in records::Write of what DecodeRecord took for a record, with a text that is none or not.
std::size_t RecordTypeOf(std::span<const std::uint8_t> bytes);

}  // namespace wire
