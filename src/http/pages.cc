#include "http/pages.h"

#include <array>
#include <cstdint>
#include <kainjow/mustache.hpp>

#include "base/bytes.h"
#include "pages_files.h"

namespace http {

namespace {

using kainjow::mustache::data;
using kainjow::mustache::list;
using kainjow::mustache::mustache;
using kainjow::mustache::partial;

// "" for a name that is no file: a page without it shows at once in any test that renders it.
std::string FileText(std::string_view name) {
  for (const auto& file : pages::kFiles) {
    if (file.name == name) return std::string(file.text);
  }
  return {};
}

// Sections take a text's presence by its emptiness, which mustache itself does not.
void SetText(const std::string& name, const std::string& value, data* values) {
  values->set(name, value);
  values->set("has_" + name, !value.empty());
}

void SetPartial(const std::string& name, const std::string& file_name, data* values) {
  values->set(name, partial([file_name] { return FileText(file_name); }));
}

// The layout draws the page's own template where it says {{>content}}.
std::string RenderIn(const std::string& template_name, const std::string& title, data values) {
  values.set("title", title);
  values.set("stylesheet_version", StylesheetVersion());
  SetPartial("content", template_name, &values);
  SetPartial("alert", "alert.mustache", &values);
  SetPartial("contact", "contact.mustache", &values);
  mustache layout(FileText("layout.mustache"));
  return layout.render(values);
}

bool IsWebAddress(const std::string& contact) {
  return contact.starts_with("https://") || contact.starts_with("http://");
}

bool IsEmailAddress(const std::string& contact) {
  return contact.find('@') != std::string::npos &&
         contact.find_first_of(" <>?&\"'/:") == std::string::npos;
}

void SetContact(const std::string& contact, data* values) {
  SetText("contact_text", contact, values);
  values->set("contact_is_web", IsWebAddress(contact));
  values->set("contact_is_email", !IsWebAddress(contact) && IsEmailAddress(contact));
  values->set("contact_is_text", !IsWebAddress(contact) && !IsEmailAddress(contact));
}

}  // namespace

std::string_view Stylesheet() {
  for (const auto& file : pages::kFiles) {
    if (file.name == "latchkey.css") return file.text;
  }
  return {};
}

std::string StylesheetVersion() {
  std::uint64_t hash = base::Hash64(Stylesheet());
  std::array<std::uint8_t, 8> bytes{};
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(hash);
    hash >>= 8U;
  }
  return base::HexEncode(bytes);
}

std::string Render(const HomePage& page) {
  data values;
  list sessions;
  for (const HomePage::SignedIn& session : page.sessions) {
    data entry;
    SetText("organization_name", session.organization_name, &entry);
    SetText("organization_slug", session.organization_slug, &entry);
    SetText("email", session.email, &entry);
    sessions.push_back(entry);
  }
  values.set("has_sessions", !page.sessions.empty());
  values.set("sessions", sessions);
  SetText("error", page.error, &values);
  values.set("csrf", page.csrf);
  return RenderIn("home.mustache", "Sign-in", std::move(values));
}

std::string Render(const ActivatePage& page) {
  data values;
  SetText("user_code", page.user_code, &values);
  SetText("organization_slug", page.organization_slug, &values);
  SetText("error", page.error, &values);
  values.set("asks_for_organization",
             page.ask_for_organization == ActivatePage::AskForOrganization::kYes);
  values.set("csrf", page.csrf);
  return RenderIn("activate.mustache", "Connect a device", std::move(values));
}

std::string Render(const ChooseOrganizationPage& page) {
  data values;
  SetText("organization_slug", page.organization_slug, &values);
  SetText("error", page.error, &values);
  return RenderIn("choose_organization.mustache", "Sign in", std::move(values));
}

std::string Render(const SignInPage& page) {
  data values;
  SetText("organization_name", page.organization_name, &values);
  SetText("organization_slug", page.organization_slug, &values);
  SetText("user_code", page.user_code, &values);
  SetText("email", page.email, &values);
  SetText("error", page.error, &values);
  values.set("csrf", page.csrf);
  return RenderIn("sign_in.mustache", "Sign in to " + page.organization_name, std::move(values));
}

std::string Render(const ConfirmPage& page) {
  data values;
  SetText("service_name", page.service_name, &values);
  SetText("organization_name", page.organization_name, &values);
  SetText("organization_slug", page.organization_slug, &values);
  SetText("user_code", page.user_code, &values);
  SetText("device_code_id", page.device_code_id, &values);
  SetText("device_name", page.device_name, &values);
  SetText("address", page.address, &values);
  SetText("requested_ago", page.requested_ago, &values);
  SetText("requested_at", page.requested_at, &values);
  SetText("requested_at_clock", page.requested_at_clock, &values);
  SetText("email", page.email, &values);
  SetText("error", page.error, &values);
  values.set("is_same_address", page.address_is == ConfirmPage::Address::kSameAsBrowser);
  values.set("csrf", page.csrf);
  list scopes;
  for (const std::string& words : page.scopes) scopes.push_back(data("words", words));
  values.set("scopes", data(scopes));
  SetText("resource", page.resource, &values);
  SetText("lifetime", page.lifetime, &values);
  return RenderIn("confirm.mustache", "Approve sign-in?", std::move(values));
}

std::string Render(const ActivationResultPage& page) {
  const bool is_approved = page.decision == ActivationResultPage::Decision::kApproved;
  data values;
  values.set("is_approved", is_approved);
  return RenderIn("activation_result.mustache",
                  is_approved ? "Device connected" : "Sign-in refused", std::move(values));
}

std::string Render(const SetPasswordPage& page) {
  data values;
  SetText("token", page.token, &values);
  SetText("organization_name", page.organization_name, &values);
  SetText("email", page.email, &values);
  SetText("error", page.error, &values);
  values.set("csrf", page.csrf);
  return RenderIn("set_password.mustache", "Choose a password", std::move(values));
}

std::string Render(const PasswordSetPage& page) {
  data values;
  SetText("organization_name", page.organization_name, &values);
  SetText("organization_slug", page.organization_slug, &values);
  SetText("email", page.email, &values);
  return RenderIn("password_set.mustache", "Password set", std::move(values));
}

std::string Render(const PasswordLinkErrorPage& page) {
  data values;
  SetText("error", page.error, &values);
  SetContact(page.contact, &values);
  return RenderIn("password_link_error.mustache", "This link cannot be used", std::move(values));
}

std::string Render(const ForgotPasswordPage& page) {
  data values;
  SetText("organization_name", page.organization_name, &values);
  SetText("organization_slug", page.organization_slug, &values);
  SetText("user_code", page.user_code, &values);
  SetContact(page.contact, &values);
  return RenderIn("forgot_password.mustache", "Forgot your password?", std::move(values));
}

std::string Render(const ErrorPage& page) {
  data values;
  values.set("status", std::to_string(page.status));
  SetText("heading", page.title, &values);
  SetText("message", page.message, &values);
  SetText("request_id", page.request_id, &values);
  return RenderIn("error.mustache", page.title, std::move(values));
}

}  // namespace http
