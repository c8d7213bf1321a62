// The data of a server that is stopped, for commands that replace its database: while this lives no
// writer and no `latchkey run` can start on it. To be used as the owner of the data folder. Move-only;
// lives on main's thread.
#pragma once

#include <string>
#include <string_view>

#include "base/os/unique_fd.h"
#include "base/settings.h"
#include "base/status.h"

namespace ctl {

// Whatever the settings it runs with.
bool IsServedByAWriter(const std::string& data_dir);

class StoppedServer {
 public:
  // kConflict: something runs, and how to stop it.
  static base::Result<StoppedServer> Take(const base::Settings& settings);

  // Makes the complete, stand-alone file at `path` the database, durably. The former one stays beside it
  // as one file, latchkey.db.LABEL-TIME, whose path is given back (empty: there was none). Where that
  // is damaged its log stays with it. At a crash in between there is the former database or the new
  // one. kUnavailable: a process has the former one open, nothing was changed.
  base::Result<std::string> PutInPlace(const std::string& path, std::string_view label) const;

 private:
  StoppedServer(std::string database_path, base::UniqueFd run_lock, base::UniqueFd writer_lock)
      : database_path_(std::move(database_path)),
        run_lock_(std::move(run_lock)),
        writer_lock_(std::move(writer_lock)) {}

  std::string database_path_;
  base::UniqueFd run_lock_;
  base::UniqueFd writer_lock_;
};

}  // namespace ctl
