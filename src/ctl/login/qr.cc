#include "ctl/login/qr.h"

#include <qrencode.h>

#include <memory>

namespace ctl {

namespace {

// ISO 18004 wants 4; phones read 2, and the code fits narrow terminals.
constexpr int kQuietModules = 2;
constexpr std::string_view kBlackOnWhite = "\x1b[38;5;16;48;5;231m";
constexpr std::string_view kReset = "\x1b[0m";

struct QrDeleter {
  void operator()(QRcode* code) const { QRcode_free(code); }
};
using Symbol = std::unique_ptr<QRcode, QrDeleter>;

// Outside the symbol everything is light.
bool IsDark(const QRcode& code, int row, int column) {
  if (row < 0 || column < 0 || row >= code.width || column >= code.width) return false;
  return (code.data[row * code.width + column] & 1) != 0;
}

// The character whose upper and lower half are drawn in the foreground colour.
std::string_view HalfBlocks(bool upper, bool lower) {
  if (upper) return lower ? "\u2588" : "\u2580";
  return lower ? "\u2584" : " ";
}

void AppendRow(const QRcode& code, int row, QrStyle style, std::string* out) {
  // In kPlain the foreground is light on a dark terminal: light modules are drawn instead.
  const bool drawn = style == QrStyle::kColours;
  if (style == QrStyle::kColours) out->append(kBlackOnWhite);
  for (int column = -kQuietModules; column < code.width + kQuietModules; ++column) {
    out->append(
        HalfBlocks(IsDark(code, row, column) == drawn, IsDark(code, row + 1, column) == drawn));
  }
  if (style == QrStyle::kColours) out->append(kReset);
  out->push_back('\n');
}

}  // namespace

base::Result<QrText> RenderQr(std::string_view content, QrStyle style) {
  const Symbol code(QRcode_encodeString8bit(std::string(content).c_str(), 0, QR_ECLEVEL_L));
  if (code == nullptr) {
    return base::Status(base::Code::kInvalid, "no QR code holds this text");
  }
  QrText qr{
      .text = {}, .columns = static_cast<std::size_t>(code->width + 2 * kQuietModules), .lines = 0};
  for (int row = -kQuietModules; row < code->width + kQuietModules; row += 2) {
    AppendRow(*code, row, style, &qr.text);
    ++qr.lines;
  }
  return qr;
}

}  // namespace ctl
