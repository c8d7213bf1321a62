#include "ctl/files/owner.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace ctl {

namespace {

using base::Code;
using base::ErrnoStatus;
using base::Status;

bool IsRoot() { return getuid() == 0; }

Status TakeGroups(const FolderOwner& owner) {
  const passwd* entry = getpwuid(owner.uid);
  const int groups =
      entry == nullptr ? setgroups(0, nullptr) : initgroups(entry->pw_name, owner.gid);
  return groups == 0 ? Status() : ErrnoStatus("set the groups of " + UserName(owner.uid), errno);
}

Status BackToRoot() {
  if (seteuid(0) != 0) return ErrnoStatus("seteuid", errno);
  return setegid(0) == 0 ? Status() : ErrnoStatus("setegid", errno);
}

Status DropTo(const FolderOwner& owner) {
  if (Status status = TakeGroups(owner); !status.ok()) return status;
  if (setgid(owner.gid) != 0) return ErrnoStatus("setgid", errno);
  if (setuid(owner.uid) != 0) return ErrnoStatus("setuid", errno);
  return {};
}

}  // namespace

base::Result<FolderOwner> OwnerOf(const std::string& folder) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) return ErrnoStatus("look at " + folder, errno);
  if (!S_ISDIR(info.st_mode)) return Status(Code::kInvalid, folder + " is no folder");
  return FolderOwner{.uid = info.st_uid, .gid = info.st_gid};
}

std::string UserName(uid_t uid) {
  const passwd* entry = getpwuid(uid);
  return entry == nullptr ? "uid " + std::to_string(uid) : entry->pw_name;
}

Status CheckOwner(const std::string& data_dir) {
  const auto owner = OwnerOf(data_dir);
  if (!owner.ok()) return owner.error();
  if (owner->uid != geteuid() && !IsRoot()) {
    return {Code::kDenied, data_dir + " belongs to " + UserName(owner->uid) + ", not to " +
                               UserName(geteuid()) + ": run as that user or as root"};
  }
  struct stat info {};
  const bool is_anybodys =
      owner->uid == 0 && ::stat(data_dir.c_str(), &info) == 0 && (info.st_mode & S_IWOTH) != 0;
  if (!is_anybodys) return {};
  return {Code::kDenied, "anybody may write into " + data_dir +
                             ", and root would act on what lies there: chmod o-w it, or choose "
                             "another DATA"};
}

Status BecomeOwner(const std::string& data_dir) {
  if (Status status = CheckOwner(data_dir); !status.ok()) return status;
  const auto owner = OwnerOf(data_dir);
  if (!owner.ok()) return owner.error();
  if (!IsRoot()) return {};
  if (Status status = BackToRoot(); !status.ok()) return status;
  return owner->uid == 0 ? Status() : DropTo(*owner);
}

Status ActAsOwner(const std::string& data_dir) {
  if (!IsRoot()) return {};
  const auto owner = OwnerOf(data_dir);
  if (!owner.ok()) return owner.error().code() == Code::kNotFound ? Status() : owner.error();
  if (Status status = CheckOwner(data_dir); !status.ok()) return status;
  if (owner->uid == 0) return {};
  if (Status status = TakeGroups(*owner); !status.ok()) return status;
  if (setegid(owner->gid) != 0) return ErrnoStatus("setegid", errno);
  return seteuid(owner->uid) == 0 ? Status() : ErrnoStatus("seteuid", errno);
}

AsCaller::AsCaller()
    : uid_(geteuid()), gid_(getegid()), went_back_(IsRoot() && uid_ != 0 && BackToRoot().ok()) {}

AsCaller::~AsCaller() {
  if (!went_back_) return;
  // To go on as root would be the very thing that this is to prevent.
  if (setegid(gid_) != 0 || seteuid(uid_) != 0) std::abort();
}

}  // namespace ctl
