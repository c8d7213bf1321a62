#include "wire/writer_page.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace wire {

namespace {

using AtomicWord = std::atomic_ref<std::uint64_t>;
static_assert(AtomicWord::is_always_lock_free, "the page is shared between processes");
static_assert(static_cast<std::size_t>(Word::kCount) * sizeof(std::uint64_t) <= kPageBytes);

std::uint64_t& WordOf(const base::MappedFile& file, Word word) {
  return file.words()[static_cast<std::size_t>(word)];
}

}  // namespace

std::string_view ToText(WriterState state) {
  switch (state) {
    case WriterState::kDown:
      return "down";
    case WriterState::kServing:
      return "serving";
    case WriterState::kRestarting:
      return "restarting";
    case WriterState::kWalFull:
      return "wal_full";
    case WriterState::kDiskFull:
      return "disk_full";
  }
  return "unknown";
}

WriterPage WriterPage::OpenForReading(const std::string& path) {
  WriterPage page;
  page.path_ = path;
  page.MapIfMissing();
  return page;
}

base::Result<WriterPage> WriterPage::OpenForWriting(const std::string& path) {
  auto file = base::MappedFile::Open(path, kPageBytes, base::MappedFile::Access::kReadWrite);
  if (!file.ok()) return file.error();
  WriterPage page;
  page.path_ = path;
  page.file_ = std::move(*file);
  const std::uint64_t layout = page.Get(Word::kLayoutVersion);
  if (layout > kPageLayoutVersion) {
    return base::Status(base::Code::kInvalid,
                        path + " has layout " + std::to_string(layout) + ", this program knows " +
                            std::to_string(kPageLayoutVersion) + ": start the newer writer");
  }
  page.Set(Word::kLayoutVersion, kPageLayoutVersion);
  return page;
}

std::uint64_t WriterPage::Get(Word word) const {
  if (!file_.valid()) return 0;
  return AtomicWord(WordOf(file_, word)).load(std::memory_order_acquire);
}

void WriterPage::Set(Word word, std::uint64_t value) {
  AtomicWord(WordOf(file_, word)).store(value, std::memory_order_release);
}

void WriterPage::RaiseTo(Word word, std::uint64_t value) { Set(word, std::max(Get(word), value)); }

void WriterPage::Add(Word word, std::uint64_t delta) { Set(word, Get(word) + delta); }

bool WriterPage::IsAlive(base::milliseconds now_since_boot, base::milliseconds old) const {
  const auto heartbeat = static_cast<std::int64_t>(Get(Word::kHeartbeatMs));
  if (heartbeat == 0) return false;
  // A page kept on disk may hold the heartbeat of a boot before this one, which lies ahead of us.
  const std::int64_t age = now_since_boot.count() - heartbeat;
  return age < old.count() && age > -old.count();
}

void WriterPage::MapIfMissing() {
  if (file_.valid()) return;
  auto file = base::MappedFile::Open(path_, kPageBytes, base::MappedFile::Access::kReadOnly);
  if (file.ok()) file_ = std::move(*file);
}

}  // namespace wire
