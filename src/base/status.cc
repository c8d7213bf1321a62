#include "base/status.h"

#include <cerrno>
#include <system_error>

namespace base {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kOk:
      return "Ok";
    case Code::kInvalid:
      return "Invalid";
    case Code::kNotFound:
      return "NotFound";
    case Code::kExists:
      return "Exists";
    case Code::kConflict:
      return "Conflict";
    case Code::kDenied:
      return "Denied";
    case Code::kExpired:
      return "Expired";
    case Code::kUnavailable:
      return "Unavailable";
    case Code::kFull:
      return "Full";
    case Code::kCorrupt:
      return "Corrupt";
    case Code::kInternal:
      return "Internal";
  }
  return "Unknown";
}

std::string Status::ToString() const {
  std::string text(CodeName(code_));
  if (!message_.empty()) text.append(": ").append(message_);
  return text;
}

namespace {

Code CodeOfErrno(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return Code::kFull;
    case ENOENT:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
      return Code::kDenied;
    case EEXIST:
    case EADDRINUSE:
      return Code::kExists;
    default:
      return Code::kUnavailable;
  }
}

}  // namespace

Status ErrnoStatus(std::string_view what, int error_number) {
  std::string message(what);
  message.append(": ").append(std::generic_category().message(error_number));
  return {CodeOfErrno(error_number), std::move(message)};
}

}  // namespace base
