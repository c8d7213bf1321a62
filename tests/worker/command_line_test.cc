#include "worker/pool/command_line.h"

#include <gtest/gtest.h>

namespace worker {
namespace {

using Mode = CommandLine::Mode;

TEST(CommandLine, AParentNeedsItsPool) {
  const auto line = ParseCommandLine({"--pool", "login", "--config", "f", "--data", "d"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->mode, Mode::kParent);
  EXPECT_EQ(line->pool, Pool::kLogin);
  EXPECT_EQ(line->config_path, "f");
  EXPECT_EQ(line->data_dir, "d");
  EXPECT_EQ(ParseCommandLine({"--data", "d"}).status().code(), base::Code::kInvalid);
  EXPECT_EQ(ParseCommandLine({}).status().code(), base::Code::kInvalid);
}

TEST(CommandLine, WhatAParentHandsOnAChildReads) {
  const ChildPlace place{
      .name = "api-2", .listen_fd = 4, .parent_fd = 7, .ready_fd = 9, .slots_fd = 8, .slot = 3};
  std::vector<std::string> arguments{"--pool", "api"};
  for (std::string& argument : ToArguments(place)) arguments.push_back(std::move(argument));
  const auto line = ParseCommandLine(arguments);
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->mode, Mode::kChild);
  EXPECT_EQ(line->place.name, "api-2");
  EXPECT_EQ(line->place.listen_fd, 4);
  EXPECT_EQ(line->place.parent_fd, 7);
  EXPECT_EQ(line->place.ready_fd, 9);
  EXPECT_EQ(line->place.slots_fd, 8);
  EXPECT_EQ(line->place.slot, 3U);
}

TEST(CommandLine, TheCheckTakesTheArgumentsOfAChildAsWell) {
  const auto line = ParseCommandLine({"--pool", "api", "--config", "f", "--check-config"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->mode, Mode::kCheckConfig);
  EXPECT_TRUE(ParseCommandLine({"--check-config"}).ok());
}

TEST(CommandLine, SaysWhichArgumentIsWrong) {
  const auto message = [](std::vector<std::string> arguments) {
    return ParseCommandLine(arguments).status().message();
  };
  EXPECT_NE(message({"--pool", "outbound"}).find("--pool is api or login"), std::string::npos);
  EXPECT_NE(message({"--pool"}).find("--pool needs a value"), std::string::npos);
  EXPECT_NE(message({"--prefork", "4"}).find("--prefork is no option"), std::string::npos);
  EXPECT_NE(message({"--pool", "api", "--child", "api-1"}).find("--child needs its descriptors"),
            std::string::npos);
  for (const char* number : {"", "x", "-1", "3x"}) {
    EXPECT_NE(message({"--pool", "api", "--listen-fd", number}).find("takes a number"),
              std::string::npos)
        << number;
  }
}

TEST(CommandLine, HelpIsHelpWhateverElseStandsThere) {
  const auto line = ParseCommandLine({"--pool", "api", "--help"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->mode, Mode::kHelp);
}

}  // namespace
}  // namespace worker
