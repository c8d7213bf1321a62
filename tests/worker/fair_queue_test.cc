#include "worker/fcgi/fair_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace worker {
namespace {

std::vector<std::uint64_t> All(FairQueue* queue) {
  std::vector<std::uint64_t> tags;
  while (const auto tag = queue->Pop()) tags.push_back(*tag);
  return tags;
}

TEST(FairQueue, OneOfEachNetworkInTurn) {
  FairQueue queue;
  for (const std::uint64_t tag : {1, 2, 3, 4}) queue.Push("flood", tag);
  queue.Push("a", 10);
  queue.Push("b", 20);
  queue.Push("a", 11);
  EXPECT_EQ(All(&queue), (std::vector<std::uint64_t>{1, 10, 20, 2, 11, 3, 4}));
  EXPECT_TRUE(queue.empty());
}

TEST(FairQueue, WhoWasServedGoesBehindTheOthers) {
  FairQueue queue;
  for (const std::uint64_t tag : {1, 2}) queue.Push("flood", tag);
  queue.Push("a", 10);
  EXPECT_EQ(queue.Pop(), 1U);
  queue.Push("b", 20);
  queue.Push("flood", 3);
  EXPECT_EQ(All(&queue), (std::vector<std::uint64_t>{10, 2, 20, 3}));
}

TEST(FairQueue, WhereThereIsNoRoomTheNewestOfTheLargestGoes) {
  FairQueue queue;
  EXPECT_EQ(queue.DropNewest(), std::nullopt);
  queue.Push("a", 10);
  for (const std::uint64_t tag : {1, 2, 3}) queue.Push("flood", tag);
  EXPECT_EQ(queue.DropNewest(), 3U);
  EXPECT_EQ(queue.size(), 3U);
  queue.Push("a", 11);
  queue.Push("flood", 4);
  EXPECT_EQ(queue.DropNewest(), 4U);
  EXPECT_EQ(All(&queue), (std::vector<std::uint64_t>{10, 1, 11, 2}));
}

TEST(FairQueue, WhereAllWaitForAsManyTheNewestOfAllGoes) {
  FairQueue queue;
  queue.Push("a", 1);
  queue.Push("a", 2);
  queue.Push("b", 3);
  queue.Push("c", 4);
  EXPECT_EQ(queue.Pop(), 1U) << "now it is b's turn, and a's last";
  EXPECT_EQ(queue.DropNewest(), 4U);
  EXPECT_EQ(queue.DropNewest(), 3U);
  EXPECT_EQ(queue.DropNewest(), 2U) << "which has waited longest";
  EXPECT_TRUE(queue.empty());
}

TEST(FairQueue, ANetworkIsAnIPv4AddressOrAnIPv6Site) {
  EXPECT_EQ(QueueNetwork("192.0.2.1"), QueueNetwork("::ffff:192.0.2.1"));
  EXPECT_NE(QueueNetwork("192.0.2.1"), QueueNetwork("192.0.2.2"));
  EXPECT_EQ(QueueNetwork("2001:db8:1:2::3"), QueueNetwork("2001:db8:1:ffff::"));
  EXPECT_NE(QueueNetwork("2001:db8:1::"), QueueNetwork("2001:db8:2::"));
  EXPECT_EQ(QueueNetwork("fe80::1%eth0"), QueueNetwork("fe80::2"));
  EXPECT_NE(QueueNetwork(""), QueueNetwork("unix:"));
  EXPECT_NE(QueueNetwork("::"), QueueNetwork("0.0.0.0"));
}

}  // namespace
}  // namespace worker
