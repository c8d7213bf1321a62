// Time-ordered identifiers: UUID version 7 (RFC 9562 §5.7). Why libuuid parses and prints them
// (base/bytes.h) but does not make them: docs/decisions/crypto.md.
#pragma once

#include "base/clock.h"
#include "base/id.h"
#include "domain/ports/ids.h"
#include "domain/ports/random.h"

namespace crypto {

// 48 bits of Unix milliseconds, then version and variant, then 74 random bits. A time before 1970
// counts as 1970.
base::IdBytes NewUuidV7(base::Time now, domain::Random& random);

// The domain's ids. Not thread-safe; the references must outlive it.
class UuidV7Ids final : public domain::Ids {
 public:
  UuidV7Ids(const base::Clock& clock, domain::Random& random) : clock_(clock), random_(random) {}
  base::IdBytes New() override { return NewUuidV7(clock_.Now(), random_); }

 private:
  const base::Clock& clock_;
  domain::Random& random_;
};

}  // namespace crypto
