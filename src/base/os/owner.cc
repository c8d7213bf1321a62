#include "base/os/owner.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "base/os/unique_fd.h"

namespace base {

namespace {

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

// ---- the way to a folder ----

constexpr int kMostLinks = 40;  // as the kernel

// A folder or link that a path passes, as it was when it was passed.
struct Step {
  std::string name;
  struct stat info {};

  FolderOwner owner() const { return {.uid = info.st_uid, .gid = info.st_gid}; }
};

// What is to go of a path next, its first part last.
void PushParts(const std::filesystem::path& path, std::vector<std::string>* parts) {
  const auto at = static_cast<std::ptrdiff_t>(parts->size());
  for (const auto& part : path.relative_path()) parts->insert(parts->begin() + at, part.string());
}

// Goes a path from / on, with one look at each part. A link is followed from where it was read.
class Way {
 public:
  explicit Way(const std::filesystem::path& absolute) {
    PushParts(absolute, &parts_);
    EnterRoot();
  }

  // All that it passes, what it leads to last.
  Result<std::vector<Step>> Go() && {
    while (status_.ok() && !parts_.empty()) {
      const std::string part = std::exchange(parts_.back(), {});
      parts_.pop_back();
      if (!part.empty()) Enter(folder_.get(), part, name_ / part);
    }
    if (!status_.ok()) return status_;
    return std::move(steps_);
  }

 private:
  void EnterRoot() { Enter(AT_FDCWD, "/", "/"); }

  void Enter(int from, const std::string& part, const std::filesystem::path& name) {
    UniqueFd fd(::openat(from, part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    Step step{.name = name.string()};
    if (!fd.valid() || ::fstat(fd.get(), &step.info) != 0) {
      status_ = ErrnoStatus("look at " + step.name, errno);
      return;
    }
    steps_.push_back(step);
    if (S_ISLNK(step.info.st_mode)) return Follow(fd, step.name);
    folder_ = std::move(fd);
    name_ = name;
  }

  void Follow(const UniqueFd& link, const std::string& name) {
    std::string target(PATH_MAX, '\0');
    const ssize_t size = ::readlinkat(link.get(), "", target.data(), target.size());
    const int error = size < 0 ? errno : ELOOP;
    if (size < 0 || ++links_ > kMostLinks) {
      status_ = ErrnoStatus("follow the link " + name, error);
      return;
    }
    target.resize(static_cast<std::size_t>(size));
    PushParts(target, &parts_);
    if (target.starts_with('/')) EnterRoot();
  }

  std::vector<std::string> parts_;  // still to go, the next one last
  std::vector<Step> steps_;
  UniqueFd folder_;  // where the next part is looked for
  std::filesystem::path name_;
  int links_ = 0;
  Status status_;
};

// Its group may be the owner's own: that of whom root becomes, or root's.
bool MayOthersWrite(const struct stat& info, const FolderOwner& owner) {
  const bool is_own_group = info.st_gid == 0 || (owner.uid != 0 && info.st_gid == owner.gid);
  return (info.st_mode & S_IWOTH) != 0 || ((info.st_mode & S_IWGRP) != 0 && !is_own_group);
}

// In a sticky folder nobody replaces what is another's; that the next step is the owner's or root's is looked at there.
Status CheckStep(const Step& step, const FolderOwner& owner, const std::string& path) {
  const bool is_anothers = step.info.st_uid != 0 && step.info.st_uid != owner.uid;
  const bool is_open = !S_ISLNK(step.info.st_mode) && MayOthersWrite(step.info, owner) &&
                       (step.info.st_mode & S_ISVTX) == 0;
  if (!is_anothers && !is_open) return {};
  const std::string whom = is_anothers
                               ? UserName(step.info.st_uid) + ", whose " + step.name + " is,"
                               : "who may write into " + step.name;
  return {Code::kDenied, whom + " can put something else in the place of " + path + " of " +
                             UserName(owner.uid) +
                             ", and root would act on it: name it by a path of root's and " +
                             UserName(owner.uid) + "'s folders alone"};
}

// What the path leads to, where nobody but its owner and root decides that.
Result<Step> FixedStep(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (error) return ErrnoStatus("find the current folder", error.value());
  const auto steps = Way(absolute).Go();
  if (!steps.ok()) return steps.error();
  const Step& last = steps->back();
  for (const Step& step : std::span(*steps).first(steps->size() - 1)) {
    if (Status status = CheckStep(step, last.owner(), path); !status.ok()) return status;
  }
  return last;
}

// Of who is not root.
Result<FolderOwner> CheckOwn(const std::string& data_dir) {
  auto owner = OwnerOf(data_dir);
  if (!owner.ok() || owner->uid == geteuid()) return owner;
  return Status(Code::kDenied, data_dir + " belongs to " + UserName(owner->uid) + ", not to " +
                                   UserName(geteuid()) + ": run as that user or as root");
}

}  // namespace

Result<FolderOwner> OwnerOf(const std::string& folder) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) return ErrnoStatus("look at " + folder, errno);
  if (!S_ISDIR(info.st_mode)) return Status(Code::kInvalid, folder + " is no folder");
  return FolderOwner{.uid = info.st_uid, .gid = info.st_gid};
}

std::string UserName(uid_t uid) {
  const passwd* entry = getpwuid(uid);
  return entry == nullptr ? "uid " + std::to_string(uid) : entry->pw_name;
}

Result<FolderOwner> OwnerOfFixed(const std::string& path) {
  const auto step = FixedStep(path);
  if (!step.ok()) return step.error();
  return step->owner();
}

Result<FolderOwner> CheckOwner(const std::string& data_dir) {
  if (!IsRoot()) return CheckOwn(data_dir);
  const auto folder = FixedStep(data_dir);
  if (!folder.ok()) return folder.error();
  if (!S_ISDIR(folder->info.st_mode)) return Status(Code::kInvalid, data_dir + " is no folder");
  const FolderOwner owner = folder->owner();
  if (owner.uid != 0 || !MayOthersWrite(folder->info, owner)) return owner;
  return Status(Code::kDenied,
                "anybody may write into " + data_dir +
                    ", or a group other than root's, and root would act on what lies "
                    "there: chmod go-w it, or choose another DATA");
}

Status BecomeOwner(const std::string& data_dir) {
  const auto owner = CheckOwner(data_dir);
  if (!owner.ok()) return owner.error();
  if (!IsRoot()) return {};
  if (Status status = BackToRoot(); !status.ok()) return status;
  return owner->uid == 0 ? Status() : DropTo(*owner);
}

Status ActAsOwner(const std::string& data_dir) {
  if (!IsRoot()) return {};
  const auto owner = CheckOwner(data_dir);
  if (!owner.ok()) return owner.error().code() == Code::kNotFound ? Status() : owner.error();
  if (owner->uid == 0) return {};
  if (Status status = TakeGroups(*owner); !status.ok()) return status;
  if (setegid(owner->gid) != 0) return ErrnoStatus("setegid", errno);
  return seteuid(owner->uid) == 0 ? Status() : ErrnoStatus("seteuid", errno);
}

AsOwnerOf::AsOwnerOf(const std::string& folder)
    : was_root_(geteuid() == 0), status_(was_root_ ? ActAsOwner(folder) : Status()) {}

AsOwnerOf::~AsOwnerOf() {
  // Not a user whom the caller did not name.
  if (was_root_ && geteuid() != 0 && !BackToRoot().ok()) std::abort();
}

AsCaller::AsCaller()
    : uid_(geteuid()), gid_(getegid()), went_back_(IsRoot() && uid_ != 0 && BackToRoot().ok()) {}

AsCaller::~AsCaller() {
  if (!went_back_) return;
  // To go on as root would be the very thing that this is to prevent.
  if (setegid(gid_) != 0 || seteuid(uid_) != 0) std::abort();
}

}  // namespace base
