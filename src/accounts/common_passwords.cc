#include "accounts/common_passwords.h"

#include "accounts/password_words.h"
#include "common_passwords_files.h"

namespace accounts {

namespace {

// Sorted by bytes, a line each.
constexpr std::string_view kLines = common_passwords::kFiles.front().text;

// Binary search over the bytes: each step looks at the line that its middle lies in.
bool IsLine(std::string_view wanted) {
  std::size_t begin = 0;  // of a line
  std::size_t end = kLines.size();
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    const std::size_t before = middle == 0 ? kLines.npos : kLines.rfind('\n', middle - 1);
    const std::size_t start = before == kLines.npos ? 0 : before + 1;
    const std::size_t stop = kLines.find('\n', start);
    const std::string_view line = kLines.substr(start, stop - start);
    if (line == wanted) return true;
    if (line < wanted) {
      begin = stop == kLines.npos ? end : stop + 1;
    } else {
      end = start;
    }
  }
  return false;
}

}  // namespace

bool IsCommonPassword(std::string_view folded) {
  return IsLine(folded) || IsLine(WithoutDecoration(folded));
}

}  // namespace accounts
