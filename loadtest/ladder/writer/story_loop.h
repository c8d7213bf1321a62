// The writer of the story: a queue of 16,384 records, and a batch that closes when batch_records are
// there or kBatchTime after the first of them. It draws the codes of records that come without. It
// never checkpoints, and waits as long as it takes for another that does. Not thread-safe.
#pragma once

#include <deque>
#include <vector>

#include "crypto/crypto.h"
#include "writer/daemon.h"

namespace ladder {

class StoryLoop {
 public:
  // Both outlive it.
  StoryLoop(const writer::WriterContext& context, const crypto::MasterKey& key)
      : context_(context), hashes_(key), ids_(context.clock, random_) {}

  base::Status Run();

 private:
  base::Status FillBatch();
  base::Status Receive(base::milliseconds timeout);
  base::Status CommitBatch();
  base::Status Apply(std::size_t taken);
  void DrawCodes(records::Write* write);
  void NoteCommit(std::size_t taken, std::int64_t micros);
  void Beat();
  std::size_t batch_records() const {
    return static_cast<std::size_t>(context_.settings.batch_records);
  }

  writer::WriterContext context_;
  crypto::OpenSslHashes hashes_;
  crypto::SystemRandom random_;
  crypto::UuidV7Ids ids_;
  std::deque<writer::QueuedRecord> queue_;
  std::vector<writer::QueuedRecord> received_;
  std::vector<const records::Write*> writes_;  // of the batch
};

}  // namespace ladder
