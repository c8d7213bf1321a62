#include "records/fields.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace records {
namespace {

struct Whole {
  std::int64_t number = 0;
  std::string text;
  bool flag = false;
  static constexpr Fields<&Whole::number, &Whole::text, &Whole::flag> kFields{};
};
// It lies in the padding behind `flag`: the struct is no larger for it.
struct ForgottenInPadding {
  std::int64_t number = 0;
  bool flag = false;
  bool forgotten = false;
  std::int64_t last = 0;
  static constexpr Fields<&ForgottenInPadding::number, &ForgottenInPadding::flag,
                          &ForgottenInPadding::last>
      kFields{};
};
struct ForgottenOfTheSameType {
  std::string first;
  std::string forgotten;
  std::string last;
  static constexpr Fields<&ForgottenOfTheSameType::first, &ForgottenOfTheSameType::last> kFields{};
};
struct ForgottenAtTheEnd {
  std::string text;
  std::optional<std::string> forgotten;
  static constexpr Fields<&ForgottenAtTheEnd::text> kFields{};
};
struct ForgottenAtTheBegin {
  bool forgotten = false;
  std::string text;
  static constexpr Fields<&ForgottenAtTheBegin::text> kFields{};
};
struct Twice {
  std::string text;
  std::string other;
  static constexpr Fields<&Twice::text, &Twice::text, &Twice::other> kFields{};
};

template <class T>
constexpr bool ListsEach() {
  return ListsEachMember<T>(T::kFields);
}

TEST(Fields, AMemberThatIsNotListedIsNoticed) {
  EXPECT_TRUE(ListsEach<Whole>());
  EXPECT_FALSE(ListsEach<ForgottenInPadding>());
  EXPECT_FALSE(ListsEach<ForgottenOfTheSameType>());
  EXPECT_FALSE(ListsEach<ForgottenAtTheEnd>());
  EXPECT_FALSE(ListsEach<ForgottenAtTheBegin>());
  EXPECT_FALSE(ListsEach<Twice>());
}

}  // namespace
}  // namespace records
