#include "ctl/bulk/import_report.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "ctl/print/text.h"

namespace ctl {

namespace {

using base::milliseconds;
using base::Status;

constexpr std::int64_t kShownRefusals = 20;

milliseconds Now() { return base::SystemClock().SinceBoot(); }

}  // namespace

base::Result<ImportReport> ImportReport::Open(const std::string& path) {
  if (path.empty()) return ImportReport(std::nullopt, path);
  auto file = JsonLines::Open(path);
  if (!file.ok()) return file.error();
  return ImportReport(std::move(*file), path);
}

ImportReport::ImportReport(std::optional<JsonLines> file, std::string path)
    : file_(std::move(file)),
      path_(std::move(path)),
      started_(Now()),
      shown_(started_),
      pause_(::isatty(STDERR_FILENO) != 0 ? 1000 : 10'000) {}

void ImportReport::CountImported(std::string_view scheme) {
  ++imported_;
  const std::string_view name = scheme.empty() ? "none" : scheme;
  if (const auto found = by_scheme_.find(name); found != by_scheme_.end()) {
    ++found->second;
  } else {
    by_scheme_.emplace(name, 1);
  }
}

void ImportReport::Refuse(std::int64_t line, std::string_view email, std::string_view reason) {
  ++refused_;
  if (file_) {
    file_->Write({{"line", line}, {"email", email}, {"reason", reason}});
    return;
  }
  if (refused_ <= kShownRefusals) {
    std::cerr << "line " << line << ": " << Printable(reason) << "\n";
  } else if (refused_ == kShownRefusals + 1) {
    std::cerr << "and more: --report FILE keeps all of them\n";
  }
}

void ImportReport::ShowProgress() {
  const milliseconds now = Now();
  if (now - shown_ < pause_) return;
  shown_ = now;
  std::cerr << "line " << last_line_ << ": " << imported_ << " imported, " << existing_
            << " there already, " << refused_ << " refused; " << RowsPerSecond() << " a second\n";
}

Status ImportReport::Close() { return file_ ? file_->Close() : Status(); }

double ImportReport::Seconds() const {
  return static_cast<double>(std::max(Now() - started_, milliseconds(1)).count()) / 1000;
}

std::int64_t ImportReport::RowsPerSecond() const {
  return static_cast<std::int64_t>(static_cast<double>(imported_ + existing_) / Seconds());
}

JsonObject ImportReport::Summary() const {
  JsonObject hashes;
  for (const auto& [scheme, count] : by_scheme_) hashes.push_back({scheme, count});
  JsonObject summary{{"lines", last_line_},
                     {"imported", imported_},
                     {"there_already", existing_},
                     {"passed_over", passed_over_},
                     {"refused", refused_},
                     {"password_hashes", hashes},
                     {"rows_per_second", RowsPerSecond()}};
  if (!path_.empty()) summary.push_back({"report", path_});
  return summary;
}

}  // namespace ctl
