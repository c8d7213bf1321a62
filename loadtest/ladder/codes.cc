#include "ladder/codes.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "oauth/device/user_code.h"

namespace ladder {

namespace {

// Block n is HMAC(purpose, n, id).
class Stream final : public domain::Random {
 public:
  Stream(const records::DeviceCodeId& id, const domain::Hashes& hashes) : hashes_(hashes) {
    std::ranges::copy(kPurpose, message_.begin());
    std::ranges::copy(id.bytes, message_.end() - static_cast<std::ptrdiff_t>(id.bytes.size()));
  }

  void Fill(std::span<std::uint8_t> out) override {
    while (!out.empty()) {
      ++message_[kPurpose.size()];
      const records::Sha256 block = hashes_.Hmac(message_);
      const std::size_t size = std::min(out.size(), block.size());
      std::copy_n(block.begin(), size, out.begin());
      out = out.subspan(size);
    }
  }

 private:
  static constexpr std::string_view kPurpose = "ladder codes";
  const domain::Hashes& hashes_;
  std::array<std::uint8_t, kPurpose.size() + 1 + sizeof(base::IdBytes)> message_{};
};

}  // namespace

Codes CodesOf(const records::DeviceCodeId& id, const domain::Hashes& hashes) {
  Stream stream(id, hashes);
  Codes codes;
  stream.Fill(codes.secret);
  codes.user_code = oauth::DrawUserCode(stream);
  return codes;
}

}  // namespace ladder
