// Frames from a peer: no bytes crash the parser, and what decodes encodes to the same bytes.
#include "base/bytes.h"
#include "fuzz.h"
#include "sample_writes.h"
#include "wire/frame.h"

namespace fuzz {

namespace {

using wire_test::Optionals;

std::string RecordsFrame() {
  wire::FrameBuilder builder(wire::FrameType::kRecords);
  for (std::size_t type = 0; type < wire_test::kWriteTypes; ++type) {
    std::string entry;
    const auto write =
        wire_test::SampleWrite(type, type % 2 == 0 ? Optionals::kPresent : Optionals::kAbsent);
    Require(wire::AppendRecordEntry(type, base::milliseconds(5000), write, &entry).ok(), "encodes");
    Require(builder.Add(entry), "fits");
  }
  return std::string(builder.bytes());
}

std::string ResultsFrame() {
  wire::FrameBuilder builder(wire::FrameType::kResults);
  Require(builder.Add(wire::ResultEntry{.correlation = 7, .result = {}}), "fits");
  return std::string(builder.bytes());
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds{
      RecordsFrame(), ResultsFrame(), wire::EncodeHello({.pid = 1, .name = "api-2"}),
      wire::EncodeBackup(),
      wire::EncodeProgress({.copied_pages = 1, .total_pages = 2, .reason = "no room"})};
  for (std::size_t type = 0; type < wire_test::kWriteTypes; ++type) {
    wire::FrameBuilder builder(wire::FrameType::kRecords);
    std::string entry;
    const auto write = wire_test::SampleWrite(type, Optionals::kPresent);
    Require(wire::AppendRecordEntry(type, base::milliseconds(1), write, &entry).ok(), "encodes");
    Require(builder.Add(entry), "fits");
    seeds.emplace_back(builder.bytes());
  }
  return seeds;
}

void FuzzOne(std::string_view bytes) {
  const auto frame = base::AsBytes(bytes);
  (void)wire::FrameTypeOf(frame);
  if (const auto hello = wire::ParseHello(frame); hello.ok()) {
    Require(hello->name.size() <= wire::kMaxNameBytes, "a name is bounded");
  }
  (void)wire::ParseResults(frame);
  (void)wire::ParseBackup(frame);
  if (const auto progress = wire::ParseProgress(frame); progress.ok()) {
    Require(wire::EncodeProgress(*progress) == bytes, "progress encodes to the same bytes");
  }
  const auto records = wire::ParseRecords(frame);
  if (!records.ok()) return;
  for (const wire::RecordView& view : *records) {
    const auto write = wire::DecodeRecord(view.record);
    if (!write.ok()) continue;
    std::string again;
    Require(wire::AppendRecord(*write, &again).ok(), "what decodes encodes");
    Require(base::AsText(view.record) == again, "to the same bytes");
  }
}

}  // namespace fuzz
