// Frames: what travels in one SEQPACKET packet between a peer and the writer. Byte layout: frame.cc
// and docs/wire-protocol.md. Building never exceeds kMaxFrameBytes; parsing is bounded, copies
// nothing and never reads past its input. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "records/writes.h"
#include "wire/codec.h"

namespace wire {

enum class FrameType : std::uint8_t {
  kHello = 1,
  kRecords = 2,
  kResults = 3,
  kBackup = 4,
  kProgress = 5
};

inline constexpr std::size_t kMaxNameBytes = 64;
inline constexpr std::size_t kMaxAddressBytes = 64;  // an IPv6 address has 45 at most
inline constexpr std::size_t kMaxReasonBytes = 1024;

// The first frame of a connection, from the peer.
struct Hello {
  std::uint16_t version = kWireVersion;
  std::uint32_t pid = 0;
  std::string name;  // of the sender, for logs ("api-2"); cut at kMaxNameBytes
  // Who typed the command, by their own word; cut at kMaxNameBytes; empty: a pool.
  std::string operator_name = {};
};
std::string EncodeHello(const Hello& hello);

// One record on its way.
struct RecordView {
  std::uint64_t correlation = 0;         // the sender's; comes back with the result
  base::milliseconds deadline{0};        // since boot; past it the writer does not apply the record
  std::string_view address;              // of the client behind it; empty: none
  std::span<const std::uint8_t> record;  // as AppendRecord wrote it
};

// The entry of one record in a RECORDS frame. Kept by the sender until the answer, to be sent
// again. `address` is cut at kMaxAddressBytes. kInvalid: record too long, or with a text that is
// none (wire/codec.h).
base::Status AppendRecordEntry(std::uint64_t correlation, base::milliseconds deadline,
                               const records::Write& write, std::string* out,
                               std::string_view address = {});

struct ResultEntry {
  std::uint64_t correlation = 0;
  records::WriteResult result;
};

// Gathers entries of one kind into a frame.
class FrameBuilder {
 public:
  explicit FrameBuilder(FrameType type) : type_(type) { Clear(); }

  // false: it does not fit; send the frame, Clear() and add again. One entry alone always fits.
  [[nodiscard]] bool Add(std::string_view entry);
  [[nodiscard]] bool Add(const ResultEntry& entry);

  bool empty() const { return count_ == 0; }
  std::string_view bytes() const { return bytes_; }
  void Clear();

 private:
  void CountOne();

  FrameType type_;
  std::uint16_t count_ = 0;
  std::string bytes_;
};

// Asks the writer for a copy of the database; has no content.
std::string EncodeBackup();
// How far the copy is. The last one is over: kOk, it is complete; else `reason` says what went wrong.
struct BackupProgress {
  base::Code code = base::Code::kOk;
  bool is_over = false;
  std::int64_t copied_pages = 0;
  std::int64_t total_pages = 0;
  std::string reason;  // cut at kMaxReasonBytes
};
std::string EncodeProgress(const BackupProgress& progress);

// The type of a frame; kCorrupt: empty or unknown.
base::Result<FrameType> FrameTypeOf(std::span<const std::uint8_t> frame);

// kCorrupt: another type, a bad length or count, a value out of range, trailing bytes.
base::Result<Hello> ParseHello(std::span<const std::uint8_t> frame);
base::Result<std::vector<RecordView>> ParseRecords(std::span<const std::uint8_t> frame);
base::Result<std::vector<ResultEntry>> ParseResults(std::span<const std::uint8_t> frame);
base::Status ParseBackup(std::span<const std::uint8_t> frame);
base::Result<BackupProgress> ParseProgress(std::span<const std::uint8_t> frame);

}  // namespace wire
