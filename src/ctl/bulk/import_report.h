// What became of the lines of an import: counts, the refused ones in a file or on standard error, and
// how it goes meanwhile. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"
#include "ctl/bulk/json_lines.h"
#include "ctl/print/json.h"

namespace ctl {

class ImportReport {
 public:
  // An empty path: the first 20 refused lines go to standard error. Else JSON Lines of {line, email,
  // reason} in a new file of mode 0600, in place of a former one. Errors as errno says.
  static base::Result<ImportReport> Open(const std::string& path);

  void CountLine(std::int64_t number) { last_line_ = number; }
  void CountImported(std::string_view scheme);  // of the password's hash; empty: without one
  void CountExisting() { ++existing_; }
  void CountPassedOver() { ++passed_over_; }
  void Refuse(std::int64_t line, std::string_view email, std::string_view reason);

  // Says on standard error how far it is, once a second on a terminal and every ten elsewhere.
  void ShowProgress();
  // All that was refused is in the file.
  base::Status Close();

  std::int64_t refused() const { return refused_; }
  JsonObject Summary() const;

 private:
  ImportReport(std::optional<JsonLines> file, std::string path);
  double Seconds() const;
  std::int64_t RowsPerSecond() const;

  std::optional<JsonLines> file_;
  std::string path_;
  base::milliseconds started_;
  base::milliseconds shown_;
  base::milliseconds pause_;
  std::int64_t last_line_ = 0;
  std::int64_t imported_ = 0;
  std::int64_t existing_ = 0;
  std::int64_t passed_over_ = 0;
  std::int64_t refused_ = 0;
  std::map<std::string, std::int64_t, std::less<>> by_scheme_;
};

}  // namespace ctl
