// Lines that claim to be users: no bytes crash the readers, and what is taken is within its bounds.
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
  Require((*read)->password_hash.size() <= 512, "a hash is bounded");
}

}  // namespace

std::vector<std::string> Seeds() {
  return {
      "email,password_hash,status", "\"a@b\",\"x\"\"y\",active",
      R"({"type":"user","email":"a@b","email_verified":true,"status":"disabled","password_hash":null})",
      R"({"email":"a@b","id":"01900000-0000-7000-8000-000000000007","created_at":"2020-01-02T03:04:05Z"})"};
}

void FuzzOne(std::string_view bytes) {
  const base::Time now = base::FromUnixMillis(1'800'000'000'000);
  ctl::UserRows named(ctl::RowFormat::kCsv, now);
  (void)named.ReadHeader(bytes).ok();
  ctl::UserRows csv(ctl::RowFormat::kCsv, now);
  if (csv.ReadHeader("email,status,password_hash").ok()) Check(csv.Read(bytes));
  Check(ctl::UserRows(ctl::RowFormat::kJsonLines, now).Read(bytes));
}

}  // namespace fuzz
