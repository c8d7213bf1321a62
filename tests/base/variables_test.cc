#include "base/variables.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/nearest.h"
#include "base/settings.h"

namespace {

// What is said of one entry; empty: nothing.
std::string SaidOf(const std::string& entry) {
  const auto unknown = base::FindUnknownVariables(std::vector<std::string>{entry});
  return unknown.empty() ? "" : base::Describe(unknown[0]);
}

TEST(Variables, SettingsAndOptionsAreKnown) {
  for (const base::SettingHelp& setting : base::DescribeSettings()) {
    EXPECT_EQ(SaidOf(setting.environment + "=1"), "");
  }
  for (const char* entry : {"LATCHKEY_CONFIG=/x", "LATCHKEY_DATA_DIR=", "LATCHKEY_ORG=acme",
                            "LATCHKEY_BIN=/b", "PATH=/bin", "LATCHKEYS=1", "latchkey_port=1", ""}) {
    EXPECT_EQ(SaidOf(entry), "") << entry;
  }
}

TEST(Variables, AMisspeltOneIsNamedWithTheOneThatWasMeant) {
  struct Case {
    const char* entry;
    const char* meant;
  };
  for (const Case& c : {Case{"LATCHKEY_POTR=9000", "LATCHKEY_PORT"},
                        {"LATCHKEY_DATADIR=/srv", "LATCHKEY_DATA_DIR"},
                        {"LATCHKEY_PUBLIC_URI=x", "LATCHKEY_PUBLIC_URL"},
                        {"LATCHKEY_port=1", "LATCHKEY_PORT"},
                        {"LATCHKEY_API_CHILDERN=2", "LATCHKEY_API_CHILDREN"},
                        {"LATCHKEY_CONFG=x", "LATCHKEY_CONFIG"}}) {
    const std::string name(c.entry, std::string(c.entry).find('='));
    EXPECT_EQ(SaidOf(c.entry), name + " is no setting: did you mean " + c.meant + "?");
  }
  for (const char* entry : {"LATCHKEY_SERVICE_HOST=10.0.0.1", "LATCHKEY_=1", "LATCHKEY_HOST=x"}) {
    EXPECT_NE(SaidOf(entry).find("latchkey settings lists them all"), std::string::npos) << entry;
  }
}

TEST(Variables, NoValueIsSaidAndNoFloodOfNames) {
  EXPECT_EQ(SaidOf("LATCHKEY_SECRETE=hunter2").find("hunter2"), std::string::npos);
  std::vector<std::string> many(1000, "LATCHKEY_TWICE=1");
  EXPECT_EQ(base::FindUnknownVariables(many).size(), 1U);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = "LATCHKEY_X" + std::to_string(i) + "=1";
  EXPECT_EQ(base::FindUnknownVariables(many).size(), base::kMostUnknown);
}

TEST(NearestName, TakesTheNearestAndNoneThatIsFar) {
  const std::vector<std::string> names{"port", "ports_of_call", "workers"};
  EXPECT_EQ(base::NearestName("prot", names), "port");
  EXPECT_EQ(base::NearestName("por", names), "port");
  EXPECT_EQ(base::NearestName("PORTS_OF_CAL", names), "ports_of_call");
  EXPECT_EQ(base::NearestName("wokrer", names), "") << "two steps of six letters";
  EXPECT_EQ(base::NearestName("", names), "");
  EXPECT_EQ(base::NearestName(std::string(100'000, 'p'), names), "");
}

}  // namespace
