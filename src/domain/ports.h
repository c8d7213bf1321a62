// What the domain needs from outside: each interface, in a header of its own, is implemented in another module and
// handed in by main(). Not thread-safe unless said: a worker child has one thread.
#pragma once

#include "base/clock.h"
#include "base/settings.h"
#include "domain/ports/assertion_verifier.h"
#include "domain/ports/directory.h"
#include "domain/ports/events.h"
#include "domain/ports/hashes.h"
#include "domain/ports/ids.h"
#include "domain/ports/poll_table.h"
#include "domain/ports/random.h"
#include "domain/ports/rate_limits.h"
#include "domain/ports/reader.h"
#include "domain/ports/token_signer.h"
#include "domain/ports/used_texts.h"

namespace domain {

// All of it, as a function of the domain receives it. References outlive every pending write.
struct Ports {
  const base::Settings& settings;
  const base::Clock& clock;
  Directory& directory;
  Reader& reader;
  Random& random;
  Ids& ids;
  const Hashes& hashes;
  TokenSigner& signer;
  PollTable& polls;
  RateLimits& limits;
  const AssertionVerifier& assertions;
  UsedTexts& used_jtis;      // of assertions and proofs (RFC 7523 §3, RFC 9449 §11.1)
  Events* events = nullptr;  // null: nobody counts

  void Note(Event event) const {
    if (events != nullptr) events->Note(event);
  }
};

}  // namespace domain
