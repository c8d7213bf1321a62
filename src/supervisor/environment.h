// What must hold before `latchkey run` starts anything: the data folder and who owns it, the lock
// that keeps a second instance out, descriptors, the programs it needs. Called once at start, by
// one thread. Every error says what to do about it.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/os/unique_fd.h"
#include "base/processes.h"
#include "base/settings.h"
#include "base/status.h"

namespace supervisor {

// Of every socket that waits for connections; net.core.somaxconn may cut it.
inline constexpr int kListenBacklog = 4096;

// data_dir and run_dir as absolute paths, for children that know no other current folder.
base::Status MakePathsAbsolute(base::Settings* settings);

// Makes DATA (0700) where it is missing; made by root it belongs to whom the folder around it
// belongs.
base::Status MakeDataFolder(const std::string& data_dir);

// run_dir and DATA/log.
base::Status MakeRunFolders(const base::Settings& settings);

// DATA/run.lock, held as long as the descriptor lives; holds the pid for `latchkey stop`. kExists
// names the pid of the instance that runs.
base::Result<base::UniqueFd> LockData(const std::string& data_dir);
// An instance runs on it; false as well where that may not be asked.
bool IsLocked(const std::string& data_dir);
// The pid that the holder of the lock wrote, as the folder's owner: should it name somebody else's process, the kernel
// refuses the signal. kNotFound: nothing runs; kUnavailable: it has only just started.
base::Result<pid_t> RunningPid(const std::string& data_dir);
base::Status WriteLockPid(const base::UniqueFd& lock);

// Soft limit of open files raised to the hard one; what it is now.
std::int64_t RaiseDescriptorLimit();

// CPUs this process may use, at least 1.
std::int64_t UsableCores();

// A path of the installation, PREFIX/`inner`: this executable is PREFIX/bin/latchkey.
base::Result<std::string> InPrefix(std::string_view inner);
// A program of ours (latchkey-writer, say): beside this executable, or in PREFIX/libexec/latchkey.
// kNotFound: in neither place.
base::Result<std::string> FindOwnProgram(const std::string& name);

struct Programs {
  std::string latchkey;
  std::array<std::string, base::kProcessCount>
      of;  // each process, in the order of base::kProcesses
};
// Our own (FindOwnProgram), nginx along PATH and in /usr/sbin. kNotFound names the package.
base::Result<Programs> FindPrograms();
// After BecomeOwner: root found them, and their owner may not. kInvalid says who cannot reach what.
base::Status CheckPrograms(const Programs& programs);

// The status with what to do about a full disk or a missing right put behind it.
base::Status WithAdvice(const base::Status& status);

}  // namespace supervisor
