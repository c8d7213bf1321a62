// Steps of the domain, taken apart by tests: what one waits for, how it goes on, how it ended.
#pragma once

#include <variant>

#include "domain/error.h"
#include "domain/step.h"

namespace testing_oauth {

// The record a step waits to have written, nullptr where it is an answer already.
template <class Record, class T>
const Record* Awaited(const domain::Step<T>& step) {
  const auto* pending = std::get_if<domain::PendingWrite<T>>(&step);
  return pending == nullptr ? nullptr : std::get_if<Record>(&pending->record);
}

// The step after the writer answered.
template <class T>
domain::Step<T> Answered(const domain::Step<T>& step, records::WriteResult result) {
  return std::get_if<domain::PendingWrite<T>>(&step)->then(result);
}

// The code of the error a step ended with, kCount where it ended well or has not ended.
template <class T>
domain::ErrorCode ErrorOfStep(const domain::Step<domain::Answer<T>>& step) {
  const auto* answer = std::get_if<domain::Answer<T>>(&step);
  return answer == nullptr || answer->ok() ? domain::ErrorCode::kCount : answer->error().code;
}

}  // namespace testing_oauth
