#include "ctl/login/login_text.h"

#include "ctl/login/qr.h"
#include "ctl/print/table.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

std::string QrOf(const std::string& content, const QrChoice& choice) {
  if (!choice.wanted) return {};
  const auto qr = RenderQr(content, choice.colours ? QrStyle::kColours : QrStyle::kPlain);
  if (!qr.ok() || qr->columns > choice.columns) return {};
  return "\n" + qr->text;
}

Json Member(const Json& object, std::string_view key) {
  const Json* member = object.Find(key);
  return member == nullptr ? Json() : *member;
}

Json Tokenless(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace

std::string InstructionsText(const DeviceAuthorization& authorization, const QrChoice& qr) {
  const std::string code = Printable(authorization.user_code);
  const std::string by_hand = Printable(authorization.verification_uri);
  const std::string lifetime = DurationText(authorization.expires_in);
  if (authorization.verification_uri_complete.empty()) {
    return "To sign in, open\n\n  " + by_hand + "\n" + QrOf(authorization.verification_uri, qr) +
           "\nand type the code\n\n  " + code + "\n\nIt is good for " + lifetime + ".\n";
  }
  return "To sign in, open\n\n  " + Printable(authorization.verification_uri_complete) + "\n" +
         QrOf(authorization.verification_uri_complete, qr) +
         "\nand check that it shows this code:\n\n  " + code + "\n\n(or open " + by_hand +
         " and type it). It is good for " + lifetime + ".\n";
}

std::string SignedInText(const Json& user, const Json& subscription, const Tokens& tokens) {
  const std::string who = user.Text("email").value_or(user.Text("id").value_or("?"));
  return "Signed in as " + Printable(who) + "\n\n" +
         FieldsText({{"organization", Member(user, "org")},
                     {"service", Member(user, "service")},
                     {"user_id", Member(user, "id")},
                     {"plan", Member(subscription, "plan")},
                     {"features", Member(subscription, "features")},
                     {"subscription", Member(subscription, "status")},
                     {"period_end", Member(subscription, "current_period_end")},
                     {"access_token", "for " + DurationText(tokens.expires_in)},
                     {"refresh_token", !tokens.refresh_token.empty()}});
}

JsonObject SignedInJson(const Json& user, const Json& subscription, const Tokens& tokens) {
  return {{"user", user},
          {"subscription", subscription},
          {"access_token", tokens.access_token},
          {"refresh_token", Tokenless(tokens.refresh_token)},
          {"token_type", "Bearer"},
          {"expires_in", static_cast<std::int64_t>(tokens.expires_in.count())},
          {"scope", Tokenless(tokens.scope)}};
}

}  // namespace ctl
