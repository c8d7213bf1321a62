// Helpers of the crypto tests: hex, a scripted random source, a folder that goes away.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/crypto.h"

namespace testing_crypto {

inline std::string FromHex(std::string_view hex) {
  std::vector<std::uint8_t> bytes(hex.size() / 2);
  EXPECT_TRUE(base::HexDecodeInto(hex, bytes)) << hex;
  return std::string(base::AsText(bytes));
}

inline std::string FromBase64Url(std::string_view text) {
  const auto bytes = base::Base64UrlDecode(text);
  EXPECT_TRUE(bytes.has_value()) << text;
  return bytes.value_or("");
}

// Hands out the bytes of `script` again and again.
class ScriptedRandom final : public domain::Random {
 public:
  explicit ScriptedRandom(std::string script) : script_(std::move(script)) {}
  void Fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(script_[next_++ % script_.size()]);
  }

 private:
  std::string script_;
  std::size_t next_ = 0;
};

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = ::testing::TempDir() + "latchkey-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string Path(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

// A master key whose 32 bytes are all `byte`.
inline crypto::MasterKey KeyOf(char byte) {
  const TempFolder folder;
  ScriptedRandom random(std::string(1, byte));
  auto key = crypto::MasterKey::Create(folder.Path("master.key"), random);
  EXPECT_TRUE(key.ok()) << key.status().ToString();
  return *key;
}

}  // namespace testing_crypto
