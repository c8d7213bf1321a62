// Frames from a peer, in both directions: no bytes crash the parser, and what decodes encodes to the same bytes.
#include "base/bytes.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "sample_writes.h"
#include "wire/frame.h"

namespace fuzz {

namespace {

// What fills records (wire_test::Filler), by the choices of an input.
class Source {
 public:
  explicit Source(Random* random) : random_(random) {}
  std::uint64_t Below(std::uint64_t limit) { return random_->Below(limit); }
  std::uint8_t Byte() { return static_cast<std::uint8_t>(random_->Byte()); }
  std::int64_t Integer() {
    const auto any = static_cast<std::int64_t>(random_->Next());
    return random_->OneIn(3) ? any : any >> (random_->Below(64));
  }
  bool Flag() { return random_->OneIn(2); }
  bool Present() { return Flag(); }
  std::string Text() { return fuzz::Text(*random_, random_->OneIn(20) ? 1500 : 40); }

 private:
  Random* random_;
};

std::string RecordsFrame(Random& random) {
  wire::FrameBuilder builder(wire::FrameType::kRecords);
  for (std::size_t left = 1 + random.Below(5); left > 0; --left) {
    Source source(&random);
    const auto write = wire_test::MakeWrite(random.Below(wire_test::kWriteTypes), &source);
    std::string entry;
    const auto deadline = base::milliseconds(source.Integer());
    if (!wire::AppendRecordEntry(random.Next(), deadline, write, &entry, Address(random)).ok())
      continue;
    if (!builder.Add(entry)) break;
  }
  return std::string(builder.bytes());
}

std::string ResultsFrame(Random& random) {
  wire::FrameBuilder builder(wire::FrameType::kResults);
  for (std::size_t left = 1 + random.Below(20); left > 0; --left) {
    Source source(&random);
    wire::ResultEntry entry{.correlation = random.Next(), .result = {}};
    entry.result.code = static_cast<base::Code>(random.Below(8));
    entry.result.count = source.Integer();
    if (!builder.Add(entry)) break;
  }
  return std::string(builder.bytes());
}

std::string Frame(Random& random) {
  switch (random.Below(6)) {
    case 0:
      return ResultsFrame(random);
    case 1:
      return wire::EncodeHello({.version = static_cast<std::uint16_t>(random.Below(4)),
                                .pid = 1,
                                .name = Text(random, 80),
                                .operator_name = Text(random, 80)});
    case 2:
      return wire::EncodeProgress({.is_over = random.OneIn(2),
                                   .copied_pages = 1,
                                   .total_pages = 2,
                                   .reason = Text(random, 1500)});
    case 3:
      return wire::EncodeBackup();
    default:
      return RecordsFrame(random);
  }
}

void CheckRecord(base::ByteView bytes) {
  const auto write = wire::DecodeRecord(bytes);
  if (!write.ok()) return;
  std::string again;
  Require(wire::AppendRecord(*write, &again).ok(), "what decodes encodes");
  Require(base::AsText(bytes) == again, "to the same bytes");
}

void CheckRecords(base::ByteView frame) {
  const auto records = wire::ParseRecords(frame);
  if (!records.ok()) return;
  Require(!records->empty() && frame.size() <= wire::kMaxFrameBytes,
          "a frame has a record, and a bound");
  for (const wire::RecordView& view : *records) {
    Require(view.address.size() <= wire::kMaxAddressBytes, "an address is bounded");
    Require(view.record.size() <= wire::kMaxRecordBytes, "a record is bounded");
    CheckRecord(view.record);
  }
}

void CheckResults(base::ByteView frame) {
  const auto results = wire::ParseResults(frame);
  if (!results.ok()) return;
  wire::FrameBuilder builder(wire::FrameType::kResults);
  for (const wire::ResultEntry& entry : *results) Require(builder.Add(entry), "results fit");
  Require(builder.bytes() == base::AsText(frame), "results encode to the same bytes");
}

}  // namespace

std::string Grow(Random& random) {
  std::string frame = Frame(random);
  // Lengths and counts stand anywhere: a byte of them is what breaks a parser.
  for (std::size_t changes = random.Below(3); changes > 0 && !frame.empty(); --changes) {
    frame[random.Below(random.OneIn(2) ? std::min<std::size_t>(frame.size(), 40) : frame.size())] =
        random.Byte();
  }
  if (random.OneIn(8)) frame.resize(random.Below(frame.size() + 1));
  return frame;
}

void FuzzOne(std::string_view bytes) {
  const auto frame = base::AsBytes(bytes);
  (void)wire::FrameTypeOf(frame);
  if (const auto hello = wire::ParseHello(frame); hello.ok()) {
    Require(hello->name.size() <= wire::kMaxNameBytes, "a name is bounded");
    Require(hello->operator_name.size() <= wire::kMaxNameBytes, "an operator's, too");
  }
  (void)wire::ParseBackup(frame);
  if (const auto progress = wire::ParseProgress(frame); progress.ok()) {
    Require(wire::EncodeProgress(*progress) == bytes, "progress encodes to the same bytes");
  }
  CheckResults(frame);
  CheckRecords(frame);
  CheckRecord(frame);
}

}  // namespace fuzz
