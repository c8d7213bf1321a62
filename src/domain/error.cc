#include "domain/error.h"

namespace domain {

Error ErrorOf(base::Code code) {
  if (code == base::Code::kUnavailable || code == base::Code::kFull) {
    return {.code = ErrorCode::kTemporarilyUnavailable,
            .description = "The server cannot take this request now. Try again in a moment."};
  }
  return {.code = ErrorCode::kServerError,
          .description = "The server met an error. Its log has the request id."};
}

}  // namespace domain
