// The first stage: each child has the database open for writing and inserts its row itself, one a
// transaction, while all else that it holds waits. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "http/response.h"
#include "store/apply/batch_applier.h"
#include "store/apply/live_code_counts.h"
#include "store/database.h"
#include "worker/app.h"

namespace ladder {

class DirectWrites {
 public:
  explicit DirectWrites(std::string database_path);

  // Writes what the outcome waits for, until nothing is left to wait for.
  http::Outcome Finish(http::Outcome outcome, worker::AppParts& app);

 private:
  records::WriteResult Write(const records::Write& record);
  base::Status Open();

  std::string path_;
  base::SystemClock clock_;
  store::LiveCodeCounts live_codes_;
  std::unique_ptr<store::Database> database_;  // once the first row came
  std::unique_ptr<store::SqliteBatchApplier> applier_;
};

}  // namespace ladder
