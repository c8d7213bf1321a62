#include "worker/pool/child_slots.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace {

using worker::ChildSlots;

base::IdBytes Request(std::uint8_t number) {
  base::IdBytes id{};
  id.fill(number);
  return id;
}

class ChildSlotsTest : public testing::Test {
 protected:
  ChildSlotsTest() {
    for (const std::size_t slot : {0, 1, 2}) slots_->Open(slot);
  }
  base::Result<ChildSlots> slots_ = ChildSlots::Create();
};

TEST_F(ChildSlotsTest, TellWhatTheChildWorksOnFromBeginToEnd) {
  EXPECT_FALSE(slots_->WorkOf(1));
  slots_->Begin(1, Request(7), "2001:db8::1");
  const auto work = slots_->WorkOf(1);
  ASSERT_TRUE(work);
  EXPECT_EQ(work->request, Request(7));
  EXPECT_EQ(work->address, "2001:db8::1");
  EXPECT_FALSE(slots_->WorkOf(0));
  slots_->End(1);
  EXPECT_FALSE(slots_->WorkOf(1));
}

TEST_F(ChildSlotsTest, AnAddressIsNoLongerThanTheOneBeforeIt) {
  for (const std::string& address :
       {std::string(48, 'a'), std::string(), std::string("::1"), std::string("192.0.2.1")}) {
    slots_->Begin(1, Request(7), address);
    EXPECT_EQ(slots_->WorkOf(1)->address, address);
  }
  slots_->Begin(1, Request(7), std::string(500, 'a'));
  EXPECT_EQ(slots_->WorkOf(1)->address, std::string(ChildSlots::kMostAddressBytes, 'a'));
  EXPECT_FALSE(slots_->WorkOf(2)) << "the next slot is another child's";
}

TEST_F(ChildSlotsTest, ARequestIsElsewhereWhereAnotherSlotHasIt) {
  slots_->Begin(0, Request(7), "");
  slots_->Begin(1, Request(7), "");
  slots_->Begin(2, Request(8), "");
  EXPECT_TRUE(slots_->IsElsewhere(1, Request(7)));
  EXPECT_FALSE(slots_->IsElsewhere(2, Request(8))) << "its own";
  slots_->Clear(0);
  EXPECT_FALSE(slots_->IsElsewhere(1, Request(7)));
}

TEST_F(ChildSlotsTest, AreTheSameForWhoMapsTheDescriptor) {
  auto child = ChildSlots::Map(base::UniqueFd(dup(slots_->fd())));
  ASSERT_TRUE(child.ok());
  child->Begin(2, Request(7), "192.0.2.1");
  ++*child->heartbeat(2);
  EXPECT_EQ(slots_->WorkOf(2)->address, "192.0.2.1");
  EXPECT_EQ(slots_->HeartbeatOf(2), 1U);
  EXPECT_TRUE(slots_->IsElsewhere(0, Request(7)));
}

TEST_F(ChildSlotsTest, ASlotIsEmptyForTheNextChild) {
  slots_->Begin(1, Request(7), "192.0.2.1");
  ++*slots_->heartbeat(1);
  slots_->Open(1);
  EXPECT_FALSE(slots_->WorkOf(1));
  EXPECT_EQ(slots_->HeartbeatOf(1), 0U);
}

}  // namespace
