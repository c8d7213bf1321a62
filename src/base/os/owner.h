// As whom a command acts on a data folder. What lies in one is another user's input to root: numbers of processes,
// names of sockets, links, databases. So root acts on it as its owner, and the kernel decides what that may do.
// Changes ids of the whole process; for main's thread, before there are others.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/status.h"

namespace base {

struct FolderOwner {
  uid_t uid = 0;
  gid_t gid = 0;
};
// kInvalid: no folder.
Result<FolderOwner> OwnerOf(const std::string& folder);
// The name, or the number in words.
std::string UserName(uid_t uid);

// The owner of a file or folder that nobody else can put something else in the place of, links on the way included:
// each folder and link on the way is the owner's or root's, and others may write into a folder only if it is sticky. So
// what the name leads to later is what was looked at, or the owner's own doing. kDenied names the part that is not so;
// kNotFound.
Result<FolderOwner> OwnerOfFixed(const std::string& path);

// The owner of DATA, of one look at it. kDenied names the owner where that is neither us nor are we root; or says, to
// root, who else decides what DATA is (OwnerOfFixed), or that it is root's and yet others may write into it.
Result<FolderOwner> CheckOwner(const std::string& data_dir);

// Root becomes the owner of DATA, for good; anybody else must be that owner. kDenied names the user.
Status BecomeOwner(const std::string& data_dir);

// The same for files alone, and not for good: the effective ids are the owner's from here on, and AsCaller goes back
// for what the caller named. Enough to read and write by; what sends a signal or starts a process becomes the owner.
// A folder that is not there, or of which we are neither owner nor root: nothing changes.
Status ActAsOwner(const std::string& data_dir);

// While it lives, root acts as the owner of a folder; who is nobody's root, or acts as somebody
// already, goes on as that.
class AsOwnerOf {
 public:
  explicit AsOwnerOf(const std::string& folder);
  AsOwnerOf(const AsOwnerOf&) = delete;
  AsOwnerOf& operator=(const AsOwnerOf&) = delete;
  ~AsOwnerOf();

  const Status& status() const { return status_; }  // as ActAsOwner's

 private:
  bool was_root_;
  Status status_;
};

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

}  // namespace base
