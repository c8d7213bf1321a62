// SHA-256 and HMAC, as the domain needs them.
#pragma once

#include "base/bytes.h"
#include "records/ids.h"

namespace domain {

class Digest {
 public:
  virtual ~Digest() = default;
  virtual records::Sha256 Sha256(base::ByteView bytes) const = 0;
};

// SHA-256, constant-time compare and the keyed derivation of refresh successors.
class Hashes : public Digest {
 public:
  virtual bool Equal(base::ByteView a,
                     base::ByteView b) const = 0;  // in constant time for equal sizes
  // HMAC-SHA-256 under a key derived from the master key.
  virtual records::Sha256 Hmac(base::ByteView message) const = 0;
};

}  // namespace domain
