// The third stage: records of device codes leave without codes, the writer draws them. Not
// thread-safe.
#pragma once

#include "crypto/hashes.h"
#include "http/request.h"
#include "http/response.h"
#include "worker/app.h"

namespace ladder {

class BlankWrites {
 public:
  // The child's own parts but for randomness, of which none is spent. Both outlive this.
  BlankWrites(const worker::App& app, const crypto::MasterKey& key);

  http::Outcome Handle(const http::Request& request);

 private:
  // Random bytes and ids that nobody drew.
  class Zeros final : public domain::Random, public domain::Ids {
   public:
    void Fill(std::span<std::uint8_t> out) override;
    base::IdBytes New() override { return {}; }
  };

  http::Outcome Blank(http::Outcome outcome);
  http::Response Tell(const records::DeviceCodeId& id) const;

  crypto::OpenSslHashes hashes_;
  Zeros zeros_;
  domain::Ports ports_;
  worker::App app_;
};

}  // namespace ladder
