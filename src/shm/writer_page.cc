#include "shm/writer_page.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace shm {

namespace {

using AtomicWord = std::atomic_ref<std::uint64_t>;
static_assert(AtomicWord::is_always_lock_free, "the page is shared between processes");
static_assert(static_cast<std::size_t>(WriterGauge::kCount) * sizeof(std::uint64_t) <= kPageBytes);

std::uint64_t& WordOf(const base::MappedFile& file, WriterGauge gauge) {
  return file.words()[static_cast<std::size_t>(gauge)];
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
  const std::uint64_t layout = page.Get(WriterGauge::kLayoutVersion);
  if (layout > kPageLayoutVersion) {
    return base::Status(base::Code::kInvalid,
                        path + " has layout " + std::to_string(layout) + ", this program knows " +
                            std::to_string(kPageLayoutVersion) + ": start the newer writer");
  }
  page.Set(WriterGauge::kLayoutVersion, kPageLayoutVersion);
  return page;
}

std::uint64_t WriterPage::Get(WriterGauge gauge) const {
  if (!file_.valid()) return 0;
  return AtomicWord(WordOf(file_, gauge)).load(std::memory_order_acquire);
}

void WriterPage::Set(WriterGauge gauge, std::uint64_t value) {
  AtomicWord(WordOf(file_, gauge)).store(value, std::memory_order_release);
}

void WriterPage::RaiseTo(WriterGauge gauge, std::uint64_t value) {
  Set(gauge, std::max(Get(gauge), value));
}

void WriterPage::Add(WriterGauge gauge, std::uint64_t delta) { Set(gauge, Get(gauge) + delta); }

bool WriterPage::IsAlive(base::milliseconds now_since_boot, base::milliseconds old) const {
  const auto heartbeat = static_cast<std::int64_t>(Get(WriterGauge::kHeartbeatMs));
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

}  // namespace shm
