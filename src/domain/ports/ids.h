// Ids of rows.
#pragma once

#include "base/id.h"

namespace domain {

// Time-ordered ids: UUIDv7 (RFC 9562 §5.7).
class Ids {
 public:
  virtual ~Ids() = default;
  virtual base::IdBytes New() = 0;
  template <class Tag>
  void Make(base::Id<Tag>* id) {
    id->bytes = New();
  }
};

}  // namespace domain
