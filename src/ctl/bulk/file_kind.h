// What a file that somebody wants to import is, by its first bytes: one sentence about the file instead of
// a refusal for each of its lines. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/status.h"
#include "ctl/bulk/user_rows.h"

namespace ctl {

// So much of the beginning tells.
inline constexpr std::size_t kHeadBytes = 16 * 1024;

// The beginning without a byte order mark of UTF-8.
std::string_view WithoutByteOrderMark(std::string_view text);

// CSV or JSON Lines, by the name of the file and by its first line.
RowFormat FormatOf(std::string_view path, std::string_view head);

// `head`: the first kHeadBytes, or the whole file where it is shorter; `format` is what it will be read
// as. kInvalid: it is something else; the sentence says what, and what to do.
base::Status CheckFileKind(std::string_view head, RowFormat format);

}  // namespace ctl
