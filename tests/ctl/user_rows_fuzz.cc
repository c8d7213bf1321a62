// Lines that claim to be users: no bytes crash the readers, and what is taken is within its bounds.
#include "accounts/email_address.h"
#include "ctl/bulk/file_kind.h"
#include "ctl/bulk/user_rows.h"
#include "fuzz.h"

namespace fuzz {

namespace {

void Check(const base::Result<std::optional<ctl::UserInput>>& read) {
  if (!read.ok()) {
    Require(!read.error().message().empty(), "a refusal has a reason");
    return;
  }
  if (!*read) return;
  Require(!(*read)->email.empty() && (*read)->email.size() <= 254, "an address is bounded");
  const auto again = accounts::NormalizeEmailAddress((*read)->email);
  Require(again.ok() && *again == (*read)->email, "an address keeps its form");
  Require((*read)->password_hash.size() <= 512, "a hash is bounded");
}

}  // namespace

std::vector<std::string> Seeds() {
  return {
      "J\u00dcRGEN@B\u00fccher.example,active,",
      "email;status\na@b;active",
      "u@xn--bcher-kva.example",
      "email,password_hash,status",
      "\"a@b\",\"x\"\"y\",active",
      R"({"type":"user","email":"a@b","email_verified":true,"status":"disabled","password_hash":null})",
      R"({"email":"a@b","id":"01900000-0000-7000-8000-000000000007","created_at":"2020-01-02T03:04:05Z"})"};
}

void FuzzOne(std::string_view bytes) {
  const ctl::RowFormat format = ctl::FormatOf("-", bytes);
  if (const auto kind = ctl::CheckFileKind(bytes, format); !kind.ok()) {
    Require(kind.message().size() > 10, "a file that is refused is told what it is");
  }
  const base::Time now = base::FromUnixMillis(1'800'000'000'000);
  ctl::UserRows named(ctl::RowFormat::kCsv, now);
  (void)named.ReadHeader(bytes).ok();
  ctl::UserRows csv(ctl::RowFormat::kCsv, now);
  if (csv.ReadHeader("email,status,password_hash").ok()) Check(csv.Read(bytes));
  Check(ctl::UserRows(ctl::RowFormat::kJsonLines, now).Read(bytes));
}

}  // namespace fuzz
