// As whom a command acts on a data folder. What lies in one is another user's input to root: numbers of processes,
// names of sockets, links, databases. So root acts on it as its owner, and the kernel decides what that may do.
// Changes ids of the whole process; for main's thread, before there are others.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/status.h"

namespace ctl {

struct FolderOwner {
  uid_t uid = 0;
  gid_t gid = 0;
};
// kInvalid: no folder.
base::Result<FolderOwner> OwnerOf(const std::string& folder);
// The name, or the number in words.
std::string UserName(uid_t uid);

// kDenied names the owner of DATA where that is neither us nor are we root; or says that it is root's and yet anybody
// may write into it.
base::Status CheckOwner(const std::string& data_dir);

// Root becomes the owner of DATA, for good; anybody else must be that owner. kDenied names the user.
base::Status BecomeOwner(const std::string& data_dir);

// The same for files alone, and not for good: the effective ids are the owner's from here on, and AsCaller goes back for
// what the caller named. Enough to read and write by; what sends a signal or starts a process becomes the owner.
// A folder that is not there, or of which we are neither owner nor root: nothing changes.
base::Status ActAsOwner(const std::string& data_dir);

// While it lives, ActAsOwner is as if it had not been: for files that the caller named, other users' /proc, and the
// writer's socket, where the kernel tells the writer who we are.
class AsCaller {
 public:
  AsCaller();
  AsCaller(const AsCaller&) = delete;
  AsCaller& operator=(const AsCaller&) = delete;
  ~AsCaller();

 private:
  uid_t uid_;
  gid_t gid_;
  bool went_back_;
};

}  // namespace ctl
