#include "writer/peers/fair_turns.h"

#include <gtest/gtest.h>

#include <vector>

namespace writer {
namespace {

using Indices = std::vector<std::size_t>;

QueuedRecord Of(std::uint64_t peer, std::uint8_t tenant) {
  records::RevokeGrant record;
  record.organization_id.bytes[15] = tenant;
  return {.peer = peer, .correlation = 0, .deadline = {}, .write = record};
}

TEST(FairTurns, WhatFitsKeepsItsOrder) {
  const std::vector<QueuedRecord> queue{Of(1, 1), Of(1, 1), Of(2, 3)};
  EXPECT_EQ(FairTurns(queue, 3), (Indices{0, 1, 2}));
  EXPECT_TRUE(FairTurns({}, 3).empty());
}

TEST(FairTurns, EachOrganizationInTurnAndItsOldestFirst) {
  const std::vector<QueuedRecord> queue{Of(1, 1), Of(1, 1), Of(1, 1), Of(1, 1), Of(1, 2), Of(1, 2)};
  EXPECT_EQ(FairTurns(queue, 5), (Indices{0, 4, 1, 5, 2}));
}

TEST(FairTurns, EachPeerInTurn) {
  const std::vector<QueuedRecord> queue{Of(1, 1), Of(1, 1), Of(1, 1), Of(2, 1)};
  EXPECT_EQ(FairTurns(queue, 2), (Indices{0, 3}));
}

TEST(FairTurns, NobodyElseThereTakesItAll) {
  const std::vector<QueuedRecord> queue(9, Of(1, 1));
  EXPECT_EQ(FairTurns(queue, 4), (Indices{0, 1, 2, 3}));
}

}  // namespace
}  // namespace writer
