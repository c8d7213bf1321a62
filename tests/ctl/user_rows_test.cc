#include "ctl/bulk/user_rows.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "ctl/bulk/file_kind.h"
#include "ctl/bulk/line_reader.h"

namespace ctl {
namespace {

using base::Code;

const base::Time kNow = base::FromUnixMillis(1'800'000'000'000);
constexpr const char* kBcrypt = "$2b$12$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";

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
  EXPECT_EQ(*SplitCsv("a,b,c", ','), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(*SplitCsv("\"a,1\",\"say \"\"hi\"\"\",", ','),
            (std::vector<std::string>{"a,1", "say \"hi\"", ""}));
  EXPECT_EQ(*SplitCsv("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(*SplitCsv(",", ','), (std::vector<std::string>{"", ""}));
  EXPECT_EQ(*SplitCsv("a\"b", ','), (std::vector<std::string>{"a\"b"}));
  for (const std::string& line :
       {std::string("\"a"), std::string("\"a\"b"), std::string("\"a\"\""), std::string(32, ',')}) {
    EXPECT_EQ(SplitCsv(line, ',').status().code(), Code::kInvalid) << line;
  }
}

TEST(UserRowsOfCsv, TakeTheColumnsThatTheFirstLineNames) {
  const UserRows rows = Csv("password_hash,email,status,email_verified,created_at,id");
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
  EXPECT_NE(Refusal(rows, std::string(300, 'a') + "@b,,,,,").find("64 bytes"), std::string::npos);
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

TEST(UserRowsOfCsv, TakeSemicolonsTabsCapitalsAndBlanks) {
  for (const auto& [header, line] : std::vector<std::pair<std::string, std::string>>{
           {"email;status", "a@b.c;disabled"},
           {"email\tstatus", "a@b.c\tdisabled"},
           {"Email,Status", "a@b.c,disabled"},
           {" E-Mail , STATUS ", " a@b.c , disabled "},
           {"\"Email Address\", \"Status\"", "\"a@b.c\" , \"disabled\""},
           {"status;email", "\"disabled\";\" a@b.c\""},
       }) {
    const UserInput user = Good(Csv(header), line);
    EXPECT_EQ(user.email, "a@b.c") << header;
    EXPECT_EQ(user.status, records::UserStatus::kDisabled) << header;
  }
  const UserRows semicolons = Csv("email;password_hash");
  EXPECT_EQ(Good(semicolons, std::string("a@b.c;") + kBcrypt).password_hash, kBcrypt);
  EXPECT_NE(Refusal(semicolons, "a@b.c,x").find("1 fields"), std::string::npos);
}

TEST(UserRowsOfCsv, TakeTheSeparatorThatExcelNames) {
  UserRows rows(RowFormat::kCsv, kNow);
  ASSERT_TRUE(rows.ReadHeader("sep=;").ok());
  EXPECT_TRUE(rows.needs_header());
  ASSERT_TRUE(rows.ReadHeader("email;status").ok());
  EXPECT_EQ(Good(rows, "a@b.c;active").email, "a@b.c");
}

TEST(UserRowsOfJson, PassOverWhatAnExportHasAndRefuseOtherTypes) {
  const UserRows rows(RowFormat::kJsonLines, kNow);
  for (const char* type :
       {"export", "organization", "domain", "service", "plan", "subscription", "end"}) {
    const auto read = rows.Read(R"({"type":")" + std::string(type) + R"(","x":1})");
    EXPECT_TRUE(read.ok() && !read->has_value()) << type;
  }
  EXPECT_EQ(Good(rows, R"({"type":"user","email":"a@b.c"})").email, "a@b.c");
  EXPECT_EQ(Good(rows, R"({"email":"a@b.c"})").email, "a@b.c");
  EXPECT_NE(Refusal(rows, R"({"type":"human","email":"a@b.c"})").find("type human"),
            std::string::npos);
  EXPECT_NE(Refusal(rows, R"({"type":"User","email":"a@b.c"})").find("type User"),
            std::string::npos);
  EXPECT_NE(Refusal(rows, R"({"type":"","email":"a@b.c"})").find("none that"), std::string::npos);
  for (const char* type : {"1", "null", "true", "[\"user\"]", "{}"}) {
    EXPECT_NE(
        Refusal(rows, R"({"email":"a@b.c","type":)" + std::string(type) + "}").find("no text"),
        std::string::npos)
        << type;
  }
  EXPECT_NE(Refusal(rows, R"({"email":"a@b.c","email":"b@c.d"})").find("twice"), std::string::npos);
}

// ---- what a file is ----

std::string KindOf(std::string_view head, std::string_view path = "-") {
  const auto status = CheckFileKind(head, FormatOf(path, head));
  EXPECT_EQ(status.ok() ? Code::kInvalid : status.code(), Code::kInvalid);
  return status.message();
}

TEST(FileKinds, ThatAreTaken) {
  for (const std::string_view head :
       {"email\na@b.c\n", "email", "\xef\xbb\xbf\x65mail,status\r\n", "Email;Status\n",
        "sep=;\nemail;id\n", "\n\nemail\n", "{\"email\":\"a@b.c\"}",
        "\xef\xbb\xbf{\"email\":\"a@b.c\"}\n", "{\"type\":\"export\",\"version\":1}\n",
        "  {\"email\":\"a@b.c\"}\n",
        // A broken first line is one refusal.
        "{\"email\":\"a@b.c\"\n{\"email\":\"b@b.c\"}\n"}) {
    EXPECT_EQ(KindOf(head), "") << head;
  }
  EXPECT_EQ(KindOf("{\"email\":\"a@b.c\"}\n", "users.csv"), "") << "what it holds, not its name";
}

TEST(FileKinds, ThatAreToldInOneSentence) {
  const std::string utf16 = std::string("e\0m\0a\0i\0l\0\n\0", 12);
  const std::vector<std::pair<std::string, std::string>> kinds{
      {"", "empty"},
      {"\n \r\n", "blank lines"},
      {"\xff\xfe" + utf16, "UTF-16"},
      {utf16, "UTF-16"},
      {std::string("\xfe\xff\0e\0m", 6), "UTF-16"},
      {std::string("\0e\0m\0a\0i\0l", 10), "UTF-16"},
      {std::string("\xff\xfe\0\0e\0\0\0", 8), "UTF-32"},
      {"\x1f\x8b\x08", "compressed"},
      {"BZh9", "compressed"},
      {"\x28\xb5\x2f\xfd", "compressed"},
      {"PK\x03\x04", "spreadsheet"},
      {"\xd0\xcf\x11\xe0", "old Excel"},
      {std::string("SQLite format 3\0", 16), "SQLite"},
      {"%PDF-1.7", "PDF"},
      {std::string("email\na\0\0@b.c", 14), "no text"},
      {"<!DOCTYPE html><html>", "HTML"},
      {"\n<HTML>", "HTML"},
      {"<?xml version=\"1.0\"?>", "XML"},
      {"-- PostgreSQL database dump\n", "SQL dump"},
      {"/*!40101 SET NAMES utf8 */;\n", "SQL dump"},
      {"INSERT INTO users VALUES (1);\n", "SQL dump"},
      {"dn: uid=a,dc=x\nmail: a@b.c\n", "LDIF"},
      {"[{\"email\":\"a@b.c\"}]", "JSON array"},
      {"[\n  {", "JSON array"},
      {"{\n  \"email\": \"a@b.c\"\n}", "over several lines"},
      {"{\n  \"realm\": \"acme\",\n  \"users\": [\n", "Keycloak"},
      {"{\"realm\":\"acme\",\"users\":[{\"username\":\"a\"}]}", "Keycloak"},
      {"{\"id\":\"x\",\"username\":\"a\",\"emailVerified\":true}\n", "Keycloak"},
      {"{\"users\": [\n{\"localId\": \"a\",\n\"passwordHash\": \"x\"", "Firebase"},
      {"{\"users\":[{\"localId\":\"a\"}]}", "Firebase"},
      {"{\"users\":[{\"localId\":\"" + std::string(20'000, 'a'), "Firebase"},
      {"{\"users\":[{\"mail\":\"a@b.c\"}]}\n", "list of users"},
      {"{\"_id\":{\"$oid\":\"6\"},\"email\":\"a@b.c\",\"passwordHash\":\"$2b$10$x\"}\n{}", "Auth0"},
      {"{\"user_id\":\"auth0|6\",\"email\":\"a@b.c\"}\n", "Auth0"},
      {"{\"mail\":\"a@b.c\"}\n{\"mail\":\"b@b.c\"}\n", "unknown column mail"},
      {"{\"" + std::string(20'000, 'a'), "one long JSON document"},
      {"email\ra@b.c\rb@b.c\r", "carriage return"},
  };
  for (const auto& [head, words] : kinds) {
    const std::string said = KindOf(std::string_view(head).substr(0, kHeadBytes));
    EXPECT_NE(said.find(words), std::string::npos) << head.substr(0, 60) << ": " << said;
    EXPECT_EQ(said.find('\n'), std::string::npos);
  }
  EXPECT_NE(CheckFileKind("email\n", RowFormat::kJsonLines).message().find("--format csv"),
            std::string::npos);
  EXPECT_NE(CheckFileKind("{\"email\":\"a\"}", RowFormat::kCsv).message().find("--format jsonl"),
            std::string::npos);
}

TEST(RowFormats, AreKnownByWhatTheFileHoldsElseByTheName) {
  EXPECT_EQ(FormatOf("users.csv", "{"), RowFormat::kJsonLines);
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
