// Error answers in both vocabularies (docs/api.md "Errors"): OAuth's `error` and
// `error_description`, and the JSON API's `error_code` and `timestamp`.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "domain/error.h"
#include "http/response.h"

namespace http {

// `error` is the RFC's word; where the error is the JSON API's own it is the description, a
// sentence for a person.
Response ErrorResponse(const domain::Error& error, base::Time now);

// The JSON API's word for it: "TOKEN_EXPIRED". Static storage.
std::string_view ErrorCodeWord(domain::ErrorCode code);

// Errors of the transport, which no domain function makes.
Response NotFound(base::Time now);
Response MethodNotAllowed(std::string_view allow, base::Time now);
Response UnsupportedMediaType(std::string_view description, base::Time now);
Response PayloadTooLarge(base::Time now);
Response ServiceUnavailable(base::Time now);

}  // namespace http
