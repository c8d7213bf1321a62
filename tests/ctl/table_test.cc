#include "ctl/print/table.h"

#include <gtest/gtest.h>

namespace ctl {
namespace {

const std::vector<Column> kColumns{{"name", "NAME"}, {"count", "COUNT"}, {"state", "STATE"}};

TEST(TableText, AlignsByDisplayWidthNumbersToTheRight) {
  const JsonArray rows{
      JsonObject{{"name", "\u65e5\u672c"}, {"count", std::int64_t{7}}, {"state", "on"}},
      JsonObject{{"name", "abc"}, {"count", std::int64_t{1234567}}, {"state", "off"}}};
  EXPECT_EQ(TableText(rows, kColumns, "none"),
            "NAME    COUNT  STATE\n"
            "\u65e5\u672c        7  on\n"
            "abc   1234567  off\n");
}

TEST(TableText, SaysWhenThereIsNothing) {
  EXPECT_EQ(TableText({}, kColumns, "none yet"), "none yet\n");
}

TEST(TableText, LetsNoStoredTextControlTheTerminal) {
  const JsonArray rows{
      JsonObject{{"name", "a\x1b[2J\nb"}, {"count", std::int64_t{1}}, {"state", Json()}}};
  const std::string text = TableText(rows, kColumns, "");
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("  -\n"), std::string::npos);
}

TEST(FieldsText, AlignsValues) {
  EXPECT_EQ(FieldsText({{"id", "1"}, {"created_at", "now"}, {"features", Json::List({"a", "b"})}}),
            "id:          1\n"
            "created at:  now\n"
            "features:    a, b\n");
}

TEST(CellText, ShowsAbsenceAndTruth) {
  EXPECT_EQ(CellText(Json()), "-");
  EXPECT_EQ(CellText(Json("")), "-");
  EXPECT_EQ(CellText(Json(true)), "yes");
  EXPECT_EQ(CellText(Json(false)), "no");
  EXPECT_EQ(CellText(Json(JsonArray{})), "-");
}

}  // namespace
}  // namespace ctl
