// The pages a person meets in the browser, one struct a page with all it shows; Render makes the
// whole HTML document. Templates (http/pages/*.mustache) escape every value; none has a way round
// it. No page needs JavaScript. Pure functions; the only user of the mustache library
// (docs/decisions/templates.md).
//
// Members named `error` are a sentence for the person, empty where nothing is wrong. `csrf` is the
// token of the page's form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace http {

// GET /
struct HomePage {
  struct SignedIn {
    std::string organization_name, organization_slug, email;
  };
  std::vector<SignedIn> sessions;
  std::string error = {};
  std::string csrf;
};

// GET /activate: type the code of the device.
struct ActivatePage {
  enum class AskForOrganization { kNo, kYes };
  std::string user_code;  // as typed or as the link brought it
  AskForOrganization ask_for_organization = AskForOrganization::kNo;
  std::string organization_slug;
  std::string error;
  std::string csrf;
};

// GET /sign-in without an organization: which one?
struct ChooseOrganizationPage {
  std::string organization_slug;
  std::string error;
};

// GET /sign-in
struct SignInPage {
  std::string organization_name, organization_slug;
  std::string user_code;  // where to go on after; may be empty
  std::string email;
  std::string error;
  std::string csrf;
};

// GET /activate/confirm: what the person decides on.
struct ConfirmPage {
  enum class Address { kSameAsBrowser, kOther };
  std::string service_name, organization_name, organization_slug;
  std::string device_code_id;  // of the row; no secret
  std::string user_code;       // XXXX-XXXX
  std::string device_name;     // what the device says of itself; may be empty
  std::string address;
  Address address_is = Address::kOther;
  std::string requested_ago;       // "2 minutes ago"
  std::string requested_at;        // RFC 3339
  std::string requested_at_clock;  // "14:05 UTC"
  std::string email;               // who is signed in
  std::string error = {};
  std::string csrf;
  std::vector<std::string> scopes;  // in words: "See your e-mail address"
  std::string resource;             // the API that its tokens are for; empty: none was named
  std::string lifetime;             // "180 days"
};

// GET /activate/result
struct ActivationResultPage {
  enum class Decision { kApproved, kDenied };
  Decision decision = Decision::kDenied;
};

// GET /set-password
struct SetPasswordPage {
  std::string token;
  std::string organization_name, email;
  std::string error;
  std::string csrf;
};

// POST /set-password/save, when it is done.
struct PasswordSetPage {
  std::string organization_name, organization_slug, email;
};

// A link that sets no password (any more).
struct PasswordLinkErrorPage {
  std::string error;
  std::string contact;  // whom to ask, as ForgotPasswordPage
};

// GET /forgot-password
struct ForgotPasswordPage {
  std::string organization_name, organization_slug;
  std::string user_code;
  std::string contact;  // an e-mail address, a web address or words; empty: the organization's
                        // administrator
};

struct ErrorPage {
  int status = 500;
  std::string title;
  std::string message;
  std::string request_id;  // what to tell the administrator; may be empty
};

std::string Render(const HomePage& page);
std::string Render(const ActivatePage& page);
std::string Render(const ChooseOrganizationPage& page);
std::string Render(const SignInPage& page);
std::string Render(const ConfirmPage& page);
std::string Render(const ActivationResultPage& page);
std::string Render(const SetPasswordPage& page);
std::string Render(const PasswordSetPage& page);
std::string Render(const PasswordLinkErrorPage& page);
std::string Render(const ForgotPasswordPage& page);
std::string Render(const ErrorPage& page);

// The style sheet of all pages, and the hash of it that its address carries, so that a browser may
// keep it for ever.
std::string_view Stylesheet();
std::string StylesheetVersion();

}  // namespace http
