// Looking a user code up for the browser that sent it, shared by the pages that deal with one.
#pragma once

#include <optional>
#include <string>

#include "oauth/device/activation.h"
#include "worker/handlers/pages/page_reply.h"
#include "worker/handlers/pages/page_request.h"

namespace worker {

struct TypedCode {
  std::string user_code;
  std::string organization_slug;  // asked for only while wrong codes are many
};

struct FoundCode {
  oauth::LiveUserCode code;
  // This browser's session with the organization of the code.
  std::optional<records::SessionRow> session;
};

// Errors as oauth::VerifyUserCode. While wrong codes are many, a code counts only with its
// organization: named, or signed in to.
domain::Answer<FoundCode> FindCode(const TypedCode& typed, oauth::UserCodeRequest::From from,
                                   const PageRequest& page, const App& app);

// The page that asks for a code.
http::Response ActivateResponse(const TypedCode& typed, const BrowserContext& browser,
                                const App& app);
// The same with an error, whatever it is.
http::Response ActivateAgain(const domain::Error& error, const TypedCode& typed,
                             const BrowserContext& browser, const App& app);
// The same with what was wrong with the code; the error itself if typing again would not help.
Answer CodeErrorResponse(const domain::Error& error, const TypedCode& typed,
                         const BrowserContext& browser, const App& app);

}  // namespace worker
