// How a request waits for a durable write without any function waiting: a Step<T> is a T that is
// known now, or one write record and the function that turns the writer's answer into the next
// Step<T>. The loop (worker/) sends the record and calls `then` once, when the writer answered or
// the record's deadline passed (WriteResult::code is then kUnavailable: outcome unknown). The
// closure owns all it needs: the request's bytes are gone by then. Not thread-safe; lives on one
// child's loop.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

#include "records/writes.h"

namespace domain {

template <class T>
struct PendingWrite;

template <class T>
using Step = std::variant<T, PendingWrite<T>>;

template <class T>
struct PendingWrite {
  // The record, which is large, is made where it stays.
  template <class Record, class Then>
  PendingWrite(Record&& write, Then&& next)
      : record(std::forward<Record>(write)), then(std::forward<Then>(next)) {}

  records::Write record;
  std::function<Step<T>(const records::WriteResult&)> then;
};

// Applies `finish` (T -> U) to the end of a step, however many writes lie before it.
template <class T, class F, class U = std::invoke_result_t<F, T>>
Step<U> Map(Step<T>&& step, F finish) {
  if (T* value = std::get_if<T>(&step)) return finish(std::move(*value));
  auto& pending = *std::get_if<PendingWrite<T>>(&step);
  return Step<U>(std::in_place_type<PendingWrite<U>>, std::move(pending.record),
                 [then = std::move(pending.then),
                  finish = std::move(finish)](const records::WriteResult& result) -> Step<U> {
                   return Map<T, F, U>(then(result), finish);
                 });
}

}  // namespace domain
