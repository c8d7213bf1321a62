#include "store/read_connection.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr std::int64_t kOpenEveryMicros = 100'000;
constexpr std::int64_t kLookEveryMicros = 1'000'000;
constexpr std::int64_t kLongestSnapshotMicros = 1000;
constexpr std::chrono::milliseconds kPause{1};

}  // namespace

bool ReadConnection::PauseBefore(std::int64_t* deadline_micros) const {
  const std::int64_t now = base::MonotonicMicros();
  if (*deadline_micros == 0) {
    *deadline_micros = now + std::chrono::microseconds(busy_timeout_).count();
  }
  if (now >= *deadline_micros) return false;
  std::this_thread::sleep_for(kPause);
  return true;
}

ReadConnection::~ReadConnection() { EndTurn(); }

void ReadConnection::StartTurn() {
  EndTurn();
  DropIfReplaced();
  in_turn_ = true;
}

void ReadConnection::RequestEnded() {
  if (has_snapshot_ && base::MonotonicMicros() - snapshot_began_micros_ > kLongestSnapshotMicros) {
    EndSnapshot();
  }
}

void ReadConnection::EndTurn() {
  in_turn_ = false;
  EndSnapshot();
}

void ReadConnection::EndSnapshot() {
  if (!std::exchange(has_snapshot_, false) || connection_ == nullptr) return;
  Query commit(connection_->statements, "COMMIT");
  // A read transaction that cannot end would hold the WAL for ever: then the connection goes.
  if (!commit.Run().ok()) connection_.reset();
}

Status ReadConnection::Prepare() {
  if (connection_ == nullptr) {
    if (Status status = Open(); !status.ok()) return status;
  }
  return in_turn_ && !has_snapshot_ ? BeginSnapshot() : Status();
}

Status ReadConnection::RefuseEarlyOpen() const {
  if (connection_ != nullptr || base::MonotonicMicros() >= next_open_micros_) return Status();
  return Status(Code::kUnavailable, "the database is not there");
}

Status ReadConnection::Open() {
  Result<Database> database = Database::OpenForReading(options_);
  if (!database.ok()) return database.error();
  struct stat file {};
  if (::stat(options_.path.c_str(), &file) != 0) {
    return base::ErrnoStatus("stat " + options_.path, errno);
  }
  device_ = file.st_dev;
  inode_ = file.st_ino;
  connection_ = std::make_unique<Connection>(std::move(*database));
  return Status();
}

Status ReadConnection::BeginSnapshot() {
  Query begin(connection_->statements, "BEGIN");
  const Result<std::int64_t> begun = begin.Run();
  has_snapshot_ = begun.ok();
  snapshot_began_micros_ = base::MonotonicMicros();
  return begun.status();
}

void ReadConnection::DropIfReplaced() {
  if (connection_ == nullptr) return;
  const std::int64_t now = base::MonotonicMicros();
  if (now < next_look_micros_) return;
  next_look_micros_ = now + kLookEveryMicros;
  struct stat file {};
  const bool is_the_same =
      ::stat(options_.path.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_;
  if (!is_the_same) connection_.reset();
}

Status ReadConnection::Settle(Status status) {
  const bool has_connection = connection_ != nullptr;
  if (has_connection && status.code() == Code::kNotFound) return status;
  if (!has_connection) {
    next_open_micros_ = base::MonotonicMicros() + kOpenEveryMicros;
  } else if (status.code() != Code::kUnavailable) {
    connection_.reset();
    has_snapshot_ = false;
  }
  if (status.code() == Code::kCorrupt) return status;
  return Status(Code::kUnavailable, status.message());
}

}  // namespace store
