// Counts that are parts of one figure, each with the label that it has in it: what /metrics prints apart,
// `latchkey top` adds up. Constant.
#pragma once

#include <array>
#include <string_view>

#include "metrics/counters.h"

namespace metrics {

struct Reason {
  Count count;
  std::string_view label;
};

// Requests refused before any handler.
inline constexpr std::array kRefusals{Reason{Count::kBodyTooLarge, "body_too_large"},
                                      Reason{Count::kBodyIncomplete, "body_incomplete"},
                                      Reason{Count::kRequestTooOld, "request_too_old"},
                                      Reason{Count::kPoisonousRequest, "poisonous_request"},
                                      Reason{Count::kNetworkShutOut, "network_shut_out"},
                                      Reason{Count::kNoRoom, "no_room_for_network"}};
// What a limit of [limits] did not even try.
inline constexpr std::array kLimited{
    Reason{Count::kUserCodesLimited, "user_codes"},
    Reason{Count::kPasswordsLimited, "passwords_per_address"},
    Reason{Count::kAccountLimited, "passwords_per_account"},
    Reason{Count::kDeviceCodesLimited, "device_codes"},
    Reason{Count::kUnknownDeviceCodesLimited, "unknown_device_codes"},
    Reason{Count::kPollTooFast, "polls"},
    Reason{Count::kRefreshesLimited, "refreshes"},
    Reason{Count::kAssertionsLimited, "assertions"},
    Reason{Count::kSignInsLimited, "sign_ins_per_account"},
    Reason{Count::kDecisionsLimited, "approvals_per_account"}};
// Writes that nobody may rely on.
inline constexpr std::array kWriteFailures{
    Reason{Count::kWritesQueueFull, "too_many_writes_pending"},
    Reason{Count::kWritesSilent, "writer_silent"},
    Reason{Count::kWritesUnanswered, "writer_did_not_answer"},
    Reason{Count::kWritesDiskFull, "no_room_on_disk"}};

}  // namespace metrics
