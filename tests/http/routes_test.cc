#include "http/routes.h"

#include <gtest/gtest.h>

namespace http {
namespace {

// What these claim of a row, the table asserts of each of its own: such a row does not compile.

constexpr Route kPage{.method = "GET", .path = "/x", .kind = Kind::kPage, .what = "x"};
constexpr Route kForm{.method = "POST", .path = "/x", .kind = Kind::kForm, .what = "x"};
constexpr Route kApi{.method = "POST", .path = "/api/x", .what = "x"};

// The row with one thing changed.
template <class Member>
constexpr Route With(Route route, Member Route::*member, Member value) {
  route.*member = value;
  return route;
}

TEST(RouteTable, ARowOfEachKindIsWellDeclared) {
  EXPECT_TRUE(IsWellDeclared(kPage));
  EXPECT_TRUE(IsWellDeclared(kForm));
  EXPECT_TRUE(IsWellDeclared(kApi));
}

TEST(RouteTable, APathIsExactPlainAndNoIssuers) {
  for (const char* path :
       {"", "x", "/x/", "//x", "/X", "/x y", "/x;", "/a*b", "/o/x", "/\xc3\xa4"}) {
    EXPECT_FALSE(IsWellDeclared(With(kPage, &Route::path, std::string_view(path)))) << path;
  }
}

TEST(RouteTable, AMethodIsThatOfTheKind) {
  EXPECT_FALSE(IsWellDeclared(With(kPage, &Route::method, std::string_view("POST"))));
  EXPECT_FALSE(IsWellDeclared(With(kForm, &Route::method, std::string_view("GET"))));
  EXPECT_FALSE(IsWellDeclared(With(kApi, &Route::method, std::string_view("PUT"))));
}

TEST(RouteTable, ProgramsAndPeopleHaveFoldersOfTheirOwn) {
  EXPECT_FALSE(IsWellDeclared(With(kPage, &Route::path, std::string_view("/api/x"))));
  EXPECT_FALSE(IsWellDeclared(With(kForm, &Route::path, std::string_view("/oauth/x"))));
  EXPECT_FALSE(IsWellDeclared(With(kApi, &Route::path, std::string_view("/x"))));
}

TEST(RouteTable, NoOtherSiteReadsAPage) {
  EXPECT_FALSE(IsWellDeclared(With(kPage, &Route::readers, Readers::kAnyOrigin)));
  EXPECT_FALSE(IsWellDeclared(With(kForm, &Route::readers, Readers::kAnyOrigin)));
}

TEST(RouteTable, OnlyPagesAtAHostHashAndTheirQueryIsNoSecret) {
  const Route form = With(kForm, &Route::where, Where::kEveryHost);
  EXPECT_TRUE(IsWellDeclared(With(form, &Route::pool, Pool::kLogin)));
  EXPECT_FALSE(IsWellDeclared(With(kForm, &Route::pool, Pool::kLogin)));
  EXPECT_FALSE(IsWellDeclared(With(kApi, &Route::pool, Pool::kLogin)));
  const Route page =
      With(With(kPage, &Route::where, Where::kEveryHost), &Route::pool, Pool::kLogin);
  EXPECT_TRUE(IsWellDeclared(page));
  EXPECT_FALSE(IsWellDeclared(With(page, &Route::query, Query::kSecret)));
}

TEST(RouteTable, ARouteIsExplained) {
  EXPECT_FALSE(IsWellDeclared(With(kPage, &Route::what, std::string_view())));
}

TEST(RouteTable, ANameInTheMetadataIsOneAddressOfEachIssuer) {
  constexpr std::string_view kName = "x_endpoint";
  const Route named = With(kApi, &Route::metadata, kName);
  EXPECT_TRUE(IsWellDeclared(named));
  EXPECT_FALSE(IsWellDeclared(With(named, &Route::where, Where::kEveryHost)));
  EXPECT_FALSE(IsWellDeclared(With(kPage, &Route::metadata, kName)));
  EXPECT_FALSE(Agree(named, With(named, &Route::path, std::string_view("/api/y"))));
}

TEST(RouteTable, RowsOfOnePathShareItsLocation) {
  EXPECT_TRUE(Agree(kPage, kForm));
  EXPECT_FALSE(Agree(kPage, kPage));
  EXPECT_FALSE(Agree(kPage, With(kForm, &Route::pool, Pool::kLogin)));
  EXPECT_FALSE(Agree(kPage, With(kForm, &Route::where, Where::kAnywhere)));
  EXPECT_FALSE(AllAgree(std::array{kPage, kApi, kPage}));
}

}  // namespace
}  // namespace http
