// A QR code as text, two modules a character (libqrencode). Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace ctl {

// kColours sets black on white by escape sequences, right on dark and light terminals alike; kPlain
// uses blocks alone, right on a dark one.
enum class QrStyle : std::uint8_t { kColours, kPlain };

struct QrText {
  std::string text;         // lines, each ends with a newline
  std::size_t columns = 0;  // width of each, quiet zone included
  std::size_t lines = 0;
};

// kInvalid: empty, or longer than a QR code holds.
base::Result<QrText> RenderQr(std::string_view content, QrStyle style);

}  // namespace ctl
