// What every event, refusal and error of the server means, and what to do about it: one table. Its test
// reads the sources: whatever they can log is in it.
#pragma once

#include <span>
#include <string_view>

namespace ctl {

struct Explanation {
  // A log event; "answer": an error word in the access log; "nginx": a status of nginx's own.
  std::string_view event;
  std::string_view reason;  // the event's reason or why; empty: whatever it is
  std::string_view meaning;
  std::string_view fix;
};

std::span<const Explanation> Explanations();
// The row of event and reason, else that of the event; nullptr: none.
const Explanation* FindExplanation(std::string_view event, std::string_view reason);

}  // namespace ctl
