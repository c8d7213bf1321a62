#include "ctl/bulk/user_rows.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "base/bytes.h"
#include "ctl/bulk/line_reader.h"

namespace ctl {
namespace {

using base::Code;

const base::Time kNow = base::FromUnixMillis(1'800'000'000'000);
constexpr const char* kBcrypt = "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";

UserRows Csv(std::string_view header) {
  UserRows rows(RowFormat::kCsv, kNow);
  EXPECT_TRUE(rows.needs_header());
  EXPECT_TRUE(rows.ReadHeader(header).ok());
  EXPECT_FALSE(rows.needs_header());
  return rows;
}

// The one user of a line that is good.
UserInput Good(const UserRows& rows, std::string_view line) {
  const auto user = rows.Read(line);
  EXPECT_TRUE(user.ok()) << user.status().ToString();
  if (!user.ok() || !user->has_value()) {
    ADD_FAILURE() << line;
    return {};
  }
  return **user;
}

std::string Refusal(const UserRows& rows, std::string_view line) {
  const auto user = rows.Read(line);
  EXPECT_EQ(user.status().code(), Code::kInvalid) << line;
  return user.ok() ? "" : user.error().message();
}

TEST(CsvLines, AreSplitAtCommasOutsideOfQuotes) {
  EXPECT_EQ(*SplitCsv("a,b,c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(*SplitCsv("\"a,1\",\"say \"\"hi\"\"\","),
            (std::vector<std::string>{"a,1", "say \"hi\"", ""}));
  EXPECT_EQ(*SplitCsv(""), (std::vector<std::string>{""}));
  EXPECT_EQ(*SplitCsv(","), (std::vector<std::string>{"", ""}));
  EXPECT_EQ(*SplitCsv("a\"b"), (std::vector<std::string>{"a\"b"}));
  for (const std::string& line :
       {std::string("\"a"), std::string("\"a\"b"), std::string("\"a\"\""), std::string(32, ',')}) {
    EXPECT_EQ(SplitCsv(line).status().code(), Code::kInvalid) << line;
  }
}

TEST(UserRowsOfCsv, TakeTheColumnsThatTheFirstLineNames) {
  const UserRows rows = Csv("\xef\xbb\xbfpassword_hash,email,status,email_verified,created_at,id");
  const UserInput user = Good(rows, std::string(kBcrypt) +
                                        ",Alice@Example.com,disabled,No,2020-01-02T03:04:05Z,"
                                        "01900000-0000-7000-8000-000000000007");
  EXPECT_EQ(user.email, "alice@example.com");
  EXPECT_EQ(user.password_hash, kBcrypt);
  EXPECT_EQ(user.scheme, "bcrypt");
  EXPECT_EQ(user.status, records::UserStatus::kDisabled);
  EXPECT_FALSE(user.email_verified);
  EXPECT_EQ(user.created_at, base::FromUnixMillis(1'577'934'245'000));
  ASSERT_TRUE(user.id);
  EXPECT_EQ(base::ToText(*user.id), "01900000-0000-7000-8000-000000000007");
}

TEST(UserRowsOfCsv, LeaveOutWhatIsEmpty) {
  const UserInput user =
      Good(Csv("email,password_hash,status,email_verified,created_at,id"), "a@b,,,,,");
  EXPECT_EQ(user.email, "a@b");
  EXPECT_TRUE(user.email_verified);
  EXPECT_EQ(user.status, records::UserStatus::kActive);
  EXPECT_TRUE(user.password_hash.empty() && user.scheme.empty());
  EXPECT_FALSE(user.id || user.created_at);
  EXPECT_FALSE(Csv("email").Read("  ")->has_value()) << "an empty line is nothing";
}

TEST(UserRowsOfCsv, RefuseHeadersThatTheyDoNotKnow) {
  for (const std::string_view header : {"", "name", "email,email", "email,passwort",
                                        "email,password", "password_hash,status", "\"email"}) {
    UserRows rows(RowFormat::kCsv, kNow);
    EXPECT_EQ(rows.ReadHeader(header).code(), Code::kInvalid) << header;
  }
  UserRows rows(RowFormat::kCsv, kNow);
  EXPECT_NE(rows.ReadHeader("email,password").message().find("as hashes"), std::string::npos);
}

TEST(UserRowsOfCsv, SayWhyTheyRefuseALine) {
  const UserRows rows = Csv("email,password_hash,status,email_verified,created_at,id");
  EXPECT_NE(Refusal(rows, "a@b,").find("2 fields"), std::string::npos);
  EXPECT_NE(Refusal(rows, ",,,,,").find("no email"), std::string::npos);
  EXPECT_NE(Refusal(rows, "ab,,,,,").find("e-mail"), std::string::npos);
  EXPECT_NE(Refusal(rows, "a@b,secret,,,,").find("no password hash"), std::string::npos);
  EXPECT_NE(Refusal(rows, "a@b,,gone,,,").find("status"), std::string::npos);
  EXPECT_NE(Refusal(rows, "a@b,,,maybe,,").find("email_verified"), std::string::npos);
  EXPECT_NE(Refusal(rows, "a@b,,,,yesterday,").find("no time"), std::string::npos);
  EXPECT_NE(Refusal(rows, "a@b,,,,2099-01-01T00:00:00Z,").find("future"), std::string::npos);
  EXPECT_NE(Refusal(rows, "a@b,,,,,7").find("UUID"), std::string::npos);
  EXPECT_NE(Refusal(rows, std::string(300, 'a') + "@b,,,,,").find("254"), std::string::npos);
}

TEST(UserRowsOfJson, TakeWhatAnExportWrites) {
  const UserRows rows(RowFormat::kJsonLines, kNow);
  EXPECT_FALSE(rows.needs_header());
  const UserInput user = Good(
      rows,
      R"({"type":"user","id":"01900000-0000-7000-8000-000000000007","email":"A@b","email_verified":false,)"
      R"("status":"active","has_password":true,"unlocked_at":null,"created_at":"2020-01-02T03:04:05Z",)"
      R"("updated_at":"2020-01-02T03:04:05Z","password_hash":""})");
  EXPECT_EQ(user.email, "a@b");
  EXPECT_FALSE(user.email_verified);
  EXPECT_TRUE(user.id && user.created_at);
  for (const char* other : {R"({"type":"plan","name":"pro"})", R"({"type":"end","user":3})", ""}) {
    const auto read = rows.Read(other);
    EXPECT_TRUE(read.ok() && !read->has_value()) << other;
  }
}

TEST(UserRowsOfJson, RefuseWhatTheyDoNotKnow) {
  const UserRows rows(RowFormat::kJsonLines, kNow);
  EXPECT_NE(Refusal(rows, R"({"email":"a@b","hash":"x"})").find("unknown column hash"),
            std::string::npos);
  EXPECT_NE(Refusal(rows, R"({"email":["a@b"]})").find("neither a text"), std::string::npos);
  EXPECT_NE(Refusal(rows, R"({"email":7})").find("neither a text"), std::string::npos);
  EXPECT_NE(Refusal(rows, R"(["a@b"])").find("JSON object"), std::string::npos);
  EXPECT_NE(Refusal(rows, R"({"email":"a@b")").find("JSON object"), std::string::npos);
  EXPECT_NE(Refusal(rows, R"({"status":"active"})").find("no email"), std::string::npos);
}

TEST(RowFormats, AreKnownByTheNameElseByTheFirstLine) {
  EXPECT_EQ(FormatOf("users.csv", "{"), RowFormat::kCsv);
  EXPECT_EQ(FormatOf("users.jsonl", "email"), RowFormat::kJsonLines);
  EXPECT_EQ(FormatOf("-", "{\"email\""), RowFormat::kJsonLines);
  EXPECT_EQ(FormatOf("-", "email,status"), RowFormat::kCsv);
}

class Lines : public testing::Test {
 protected:
  void Write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  ~Lines() override { std::remove(path_.c_str()); }
  std::string path_ = testing::TempDir() + "latchkey-lines-" + std::to_string(::getpid());
};

TEST_F(Lines, AreCountedAndLoseTheirEnds) {
  Write("one\r\ntwo\n\nfour");
  auto reader = LineReader::Open(path_);
  ASSERT_TRUE(reader.ok());
  for (const auto& [number, text] :
       {std::pair{1, "one"}, std::pair{2, "two"}, std::pair{3, ""}, std::pair{4, "four"}}) {
    const auto line = reader->Next();
    ASSERT_TRUE(line.ok() && line->has_value());
    EXPECT_EQ((*line)->number, number);
    EXPECT_EQ((*line)->text, text);
  }
  EXPECT_FALSE(reader->Next()->has_value());
}

TEST_F(Lines, ThatAreTooLongAreCutAndTheNextOneIsWhole) {
  Write(std::string(kMaxLineBytes, 'a') + "\n" + std::string(5'000'000, 'b') + "\nnext\n");
  auto reader = LineReader::Open(path_);
  ASSERT_TRUE(reader.ok());
  EXPECT_FALSE((*reader->Next())->is_too_long);
  const auto cut = reader->Next();
  EXPECT_TRUE((*cut)->is_too_long);
  EXPECT_EQ((*cut)->text.size(), kMaxLineBytes);
  EXPECT_EQ((*reader->Next())->text, "next");
}

TEST_F(Lines, OfAFileThatIsNotThereAreAnError) {
  EXPECT_NE(LineReader::Open("/nonexistent/users.csv").status().message().find("/nonexistent"),
            std::string::npos);
}

}  // namespace
}  // namespace ctl
