#include "wire/frame.h"

#include <cstring>

#include "wire/byte_io.h"

// All integers are little-endian. One frame is one packet of at most 32 KB.
//
//   hello   := 0x01 version:u16 pid:u32 name_length:u8 name operator_length:u8 operator
//   records := 0x02 count:u16 (length:u32 correlation:u64 deadline:i64 address_length:u8 address record){count}
//   results := 0x03 count:u16 (correlation:u64 code:u8 id:16 bytes count:i64){count}
//   backup   := 0x04
//   progress := 0x05 code:u8 over:u8 copied:i64 total:i64 reason_length:u16 reason
//
//   length      of the record alone, at most 24 KB
//   correlation any number the peer chose; the result of the record carries it
//   deadline    CLOCK_BOOTTIME in milliseconds
//   code        base::Code
//   record      see codec.cc
//
// A frame has at least one entry and no byte after its last.

namespace wire {

namespace {

constexpr std::size_t kFrameHeaderBytes = 3;
constexpr std::size_t kEntryHeaderBytes = 4 + 8 + 8;
constexpr std::size_t kResultBytes = 8 + 1 + 16 + 8;
constexpr auto kLastCode = base::Code::kInternal;
static_assert(kFrameHeaderBytes + kEntryHeaderBytes + 1 + kMaxAddressBytes + kMaxRecordBytes <=
              kMaxFrameBytes);

base::Status Corrupt(std::string_view what) { return {base::Code::kCorrupt, std::string(what)}; }

// Takes type and count; fails the reader where they cannot be right, so that no count makes us
// allocate more than the frame can hold.
std::uint16_t TakeHeader(ByteReader* in, FrameType type, std::size_t least_entry_bytes) {
  if (in->Get<std::uint8_t>() != static_cast<std::uint8_t>(type)) in->Fail();
  const auto count = in->Get<std::uint16_t>();
  if (count == 0 || count * least_entry_bytes > in->left()) in->Fail();
  return in->failed() ? std::uint16_t{0} : count;
}

base::Code TakeCode(ByteReader* in) {
  const auto code = in->Get<std::uint8_t>();
  if (code > static_cast<std::uint8_t>(kLastCode)) in->Fail();
  return static_cast<base::Code>(code);
}

ResultEntry TakeResult(ByteReader* in) {
  ResultEntry entry;
  entry.correlation = in->Get<std::uint64_t>();
  entry.result.code = TakeCode(in);
  in->GetBytes(entry.result.id);
  entry.result.count = static_cast<std::int64_t>(in->Get<std::uint64_t>());
  return entry;
}

void PutShortText(std::string_view text, std::size_t most, ByteWriter* out) {
  const std::string_view kept = text.substr(0, most);
  out->Put(static_cast<std::uint8_t>(kept.size()));
  out->PutText(kept);
}

std::string_view TakeShortText(ByteReader* in, std::size_t most) {
  const auto length = in->Get<std::uint8_t>();
  if (length > most) in->Fail();
  const auto text = in->Take(length);
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

}  // namespace

std::string EncodeHello(const Hello& hello) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Put(static_cast<std::uint8_t>(FrameType::kHello));
  out.Put(hello.version);
  out.Put(hello.pid);
  PutShortText(hello.name, kMaxNameBytes, &out);
  PutShortText(hello.operator_name, kMaxNameBytes, &out);
  return bytes;
}

std::string EncodeBackup() { return std::string(1, static_cast<char>(FrameType::kBackup)); }

std::string EncodeProgress(const BackupProgress& progress) {
  const std::string reason = progress.reason.substr(0, kMaxReasonBytes);
  std::string bytes;
  ByteWriter out(&bytes);
  out.Put(static_cast<std::uint8_t>(FrameType::kProgress));
  out.Put(static_cast<std::uint8_t>(progress.code));
  out.Put(static_cast<std::uint8_t>(progress.is_over ? 1 : 0));
  out.Put(static_cast<std::uint64_t>(progress.copied_pages));
  out.Put(static_cast<std::uint64_t>(progress.total_pages));
  out.Put(static_cast<std::uint16_t>(reason.size()));
  out.PutText(reason);
  return bytes;
}

base::Status AppendRecordEntry(std::uint64_t correlation, base::milliseconds deadline,
                               const records::Write& write, std::string* out,
                               std::string_view address) {
  const std::size_t start = out->size();
  out->append(4, '\0');  // the length, known below
  ByteWriter writer(out);
  writer.Put(correlation);
  writer.Put(static_cast<std::uint64_t>(deadline.count()));
  PutShortText(address, kMaxAddressBytes, &writer);
  const std::size_t record_start = out->size();
  if (base::Status status = AppendRecord(write, out); !status.ok()) {
    out->resize(start);
    return status;
  }
  const auto length = static_cast<std::uint32_t>(out->size() - record_start);
  std::string length_bytes;
  ByteWriter(&length_bytes).Put(length);
  std::memcpy(out->data() + start, length_bytes.data(), length_bytes.size());
  return {};
}

bool FrameBuilder::Add(std::string_view entry) {
  if (bytes_.size() + entry.size() > kMaxFrameBytes) return false;
  bytes_.append(entry);
  CountOne();
  return true;
}

bool FrameBuilder::Add(const ResultEntry& entry) {
  if (bytes_.size() + kResultBytes > kMaxFrameBytes) return false;
  ByteWriter out(&bytes_);
  out.Put(entry.correlation);
  out.Put(static_cast<std::uint8_t>(entry.result.code));
  out.PutBytes(entry.result.id);
  out.Put(static_cast<std::uint64_t>(entry.result.count));
  CountOne();
  return true;
}

void FrameBuilder::CountOne() {
  ++count_;
  bytes_[1] = static_cast<char>(count_ & 0xffU);
  bytes_[2] = static_cast<char>(count_ >> 8U);
}

void FrameBuilder::Clear() {
  count_ = 0;
  bytes_.assign(kFrameHeaderBytes, '\0');
  bytes_[0] = static_cast<char>(type_);
}

base::Result<FrameType> FrameTypeOf(std::span<const std::uint8_t> frame) {
  if (frame.empty()) return Corrupt("empty frame");
  if (frame[0] < static_cast<std::uint8_t>(FrameType::kHello) ||
      frame[0] > static_cast<std::uint8_t>(FrameType::kProgress)) {
    return Corrupt("frame of unknown type " + std::to_string(frame[0]));
  }
  return static_cast<FrameType>(frame[0]);
}

base::Result<Hello> ParseHello(std::span<const std::uint8_t> frame) {
  ByteReader in(frame);
  if (in.Get<std::uint8_t>() != static_cast<std::uint8_t>(FrameType::kHello)) in.Fail();
  Hello hello;
  hello.version = in.Get<std::uint16_t>();
  hello.pid = in.Get<std::uint32_t>();
  hello.name = TakeShortText(&in, kMaxNameBytes);
  hello.operator_name = TakeShortText(&in, kMaxNameBytes);
  if (!in.ReachedEnd()) return Corrupt("HELLO of wrong length");
  return hello;
}

base::Result<std::vector<RecordView>> ParseRecords(std::span<const std::uint8_t> frame) {
  ByteReader in(frame);
  std::vector<RecordView> records(TakeHeader(&in, FrameType::kRecords, kEntryHeaderBytes));
  for (RecordView& view : records) {
    const auto length = in.Get<std::uint32_t>();
    if (length > kMaxRecordBytes) in.Fail();
    view.correlation = in.Get<std::uint64_t>();
    view.deadline = base::milliseconds(static_cast<std::int64_t>(in.Get<std::uint64_t>()));
    view.address = TakeShortText(&in, kMaxAddressBytes);
    view.record = in.Take(length);
  }
  if (!in.ReachedEnd()) return Corrupt("RECORDS of wrong count or length");
  return records;
}

base::Result<std::vector<ResultEntry>> ParseResults(std::span<const std::uint8_t> frame) {
  ByteReader in(frame);
  std::vector<ResultEntry> results(TakeHeader(&in, FrameType::kResults, kResultBytes));
  for (ResultEntry& entry : results) entry = TakeResult(&in);
  if (!in.ReachedEnd()) return Corrupt("RESULTS of wrong count or length");
  return results;
}

base::Status ParseBackup(std::span<const std::uint8_t> frame) {
  ByteReader in(frame);
  if (in.Get<std::uint8_t>() != static_cast<std::uint8_t>(FrameType::kBackup)) in.Fail();
  return in.ReachedEnd() ? base::Status() : Corrupt("BACKUP of wrong length");
}

base::Result<BackupProgress> ParseProgress(std::span<const std::uint8_t> frame) {
  ByteReader in(frame);
  if (in.Get<std::uint8_t>() != static_cast<std::uint8_t>(FrameType::kProgress)) in.Fail();
  BackupProgress progress;
  progress.code = TakeCode(&in);
  const auto over = in.Get<std::uint8_t>();
  if (over > 1) in.Fail();
  progress.is_over = over == 1;
  progress.copied_pages = static_cast<std::int64_t>(in.Get<std::uint64_t>());
  progress.total_pages = static_cast<std::int64_t>(in.Get<std::uint64_t>());
  const auto reason_length = in.Get<std::uint16_t>();
  if (reason_length > kMaxReasonBytes) in.Fail();
  const auto reason = in.Take(reason_length);
  progress.reason.assign(reinterpret_cast<const char*>(reason.data()), reason.size());
  if (!in.ReachedEnd()) return Corrupt("PROGRESS of wrong length");
  return progress;
}

}  // namespace wire
