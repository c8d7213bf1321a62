// An Admin with a writer behind it: the one that runs, or one started for as long as this lives.
// Move-only; lives on main's thread.
#pragma once

#include <optional>
#include <string>

#include "ctl/admin/admin.h"
#include "ctl/admin/temporary_writer.h"

namespace ctl {

class WriterSession {
 public:
  // The folders of `settings` exist, as absolute paths. Errors: TemporaryWriter::Start.
  static base::Result<WriterSession> Open(const base::Settings& settings,
                                          const std::string& config_path, OutputFormat format);
  Admin& admin() { return admin_; }

 private:
  WriterSession(std::optional<TemporaryWriter> writer, Admin admin)
      : writer_(std::move(writer)), admin_(std::move(admin)) {}

  std::optional<TemporaryWriter> writer_;  // stops after admin_ has closed its reader
  Admin admin_;
};

}  // namespace ctl
