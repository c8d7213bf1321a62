// One user a line, as CSV or as JSON, into what an import takes of it.
//
//   CSV (RFC 4180)   the first line names the columns, in any case of letters; fields stand between
//                    commas, semicolons or tabs, as in the first line, blanks around them are nothing;
//                    a field in quotes may hold them and doubled quotes, no line end
//   JSON Lines       an object a line. Of what `latchkey org export` writes, the users are taken and
//                    all else is passed over; a `type` that it does not write is refused
//
//   column           value                                            where it is missing or empty
//   email            the address; stored in lower case                the row is refused
//   password_hash    of a form of crypto/passwords/foreign_hash.h     no password: invite the user
//   email_verified   true or false (in CSV also yes, no, 1, 0)        true
//   status           active or disabled                               active
//   id               a UUID: the user's id, the `sub` of tokens       a new one
//   created_at       RFC 3339, not in the future                      now
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "crypto/passwords/imported_hash.h"
#include "records/enums.h"
#include "records/ids.h"

namespace ctl {

struct UserInput {
  std::string email;
  bool email_verified = true;
  records::UserStatus status = records::UserStatus::kActive;
  std::string password_hash;  // as it is stored
  std::string_view scheme;    // of the hash ("bcrypt"); empty: none
  std::optional<records::UserId> id;
  std::optional<base::Time> created_at;
};

enum class RowFormat : std::uint8_t { kCsv, kJsonLines };

class UserRows {
 public:
  // `now` bounds created_at.
  UserRows(RowFormat format, base::Time now,
           crypto::WeakHashes weak_hashes = crypto::WeakHashes::kRefused)
      : format_(format), now_(now), weak_hashes_(weak_hashes) {}

  // CSV: the line that names the columns. kInvalid: one is unknown or there twice, or email is missing.
  // A line "sep=;", which Excel reads and writes, names the separator instead.
  base::Status ReadHeader(std::string_view line);
  bool needs_header() const { return format_ == RowFormat::kCsv && columns_.empty(); }

  // nullopt: nothing to import (an empty line, another type of an export). kInvalid: why it is refused.
  base::Result<std::optional<UserInput>> Read(std::string_view line) const;

 private:
  base::Result<std::optional<UserInput>> ReadCsv(std::string_view line) const;
  base::Result<std::optional<UserInput>> ReadJson(std::string_view line) const;
  base::Status Set(std::string_view column, std::string_view value, UserInput* user) const;

  RowFormat format_;
  base::Time now_;
  crypto::WeakHashes weak_hashes_;
  std::vector<std::string> columns_;
  char separator_ = ',';
};

// The fields of one line of CSV, without blanks around them. kInvalid: a quote that is not closed, or
// text behind it, or more than 32 fields.
base::Result<std::vector<std::string>> SplitCsv(std::string_view line, char separator);

// Of a line of JSON: the first member that no line of users and no other of an export has; empty: there is
// none, or it is no object.
std::string FirstUnknownMember(std::string_view line);
// Why a column or member is refused, and which ones are known.
base::Status UnknownColumn(std::string_view name);

}  // namespace ctl
