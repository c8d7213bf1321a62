#include "shm/death_notes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "shm/slots_testing.h"

namespace {

using shm::DeathNote;
using shm::DeathNotes;
using std::chrono::seconds;
using testing_shm::RunInProcesses;
using testing_shm::SharedWords;

constexpr seconds kNow{1000};

DeathNote Note(std::uint8_t number) {
  DeathNote note{.address = "2001:db8:0:1:2:3:4:5", .child = "login-12", .wait_status = 134};
  note.request.fill(number);
  return note;
}

class DeathNotesTest : public testing::Test {
 protected:
  SharedWords words_{DeathNotes::kWords};
  DeathNotes notes_{words_.words()};
};

TEST_F(DeathNotesTest, GiveBackWhatWasLeft) {
  EXPECT_FALSE(notes_.Take(kNow));
  EXPECT_FALSE(notes_.HasNotes());
  ASSERT_TRUE(notes_.Leave(Note(7)));
  EXPECT_EQ(notes_.left(), 1U);
  const auto taken = notes_.Take(kNow);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->note.request, Note(7).request);
  EXPECT_EQ(taken->note.address, "2001:db8:0:1:2:3:4:5");
  EXPECT_EQ(taken->note.child, "login-12");
  EXPECT_EQ(taken->note.wait_status, 134);
}

TEST_F(DeathNotesTest, ATextThatIsTooLongIsCut) {
  ASSERT_TRUE(notes_.Leave(
      {.request = {}, .address = std::string(100, 'a'), .child = std::string(100, 'c')}));
  const auto taken = notes_.Take(kNow);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->note.address, std::string(DeathNotes::kMostAddressBytes, 'a'));
  EXPECT_EQ(taken->note.child, std::string(DeathNotes::kMostChildBytes, 'c'));
}

TEST_F(DeathNotesTest, OneIsTakenByOneAndGoneOnceItIsDropped) {
  ASSERT_TRUE(notes_.Leave(Note(7)));
  const auto taken = notes_.Take(kNow);
  ASSERT_TRUE(taken);
  EXPECT_FALSE(notes_.Take(kNow + seconds(29)));
  EXPECT_TRUE(notes_.HasNotes());
  notes_.Drop(taken->place);
  EXPECT_FALSE(notes_.HasNotes());
  EXPECT_FALSE(notes_.Take(kNow + seconds(60)));
}

TEST_F(DeathNotesTest, OneThatCouldNotBeSentOrWhoseTakerDiedIsTakenAgain) {
  ASSERT_TRUE(notes_.Leave(Note(7)));
  notes_.GiveBack(notes_.Take(kNow)->place);
  EXPECT_TRUE(notes_.Take(kNow));
  const auto again = notes_.Take(kNow + DeathNotes::kTakenFor);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->note.request, Note(7).request);
}

TEST_F(DeathNotesTest, OnesOfAnEarlierBootAreTakenToo) {
  ASSERT_TRUE(notes_.Leave(Note(7)));
  ASSERT_TRUE(notes_.Take(seconds(100000)));
  EXPECT_TRUE(notes_.Take(seconds(5)));
}

TEST_F(DeathNotesTest, OneMoreThanThereIsRoomForIsLost) {
  for (std::size_t i = 0; i < DeathNotes::kPlaces; ++i) EXPECT_TRUE(notes_.Leave(Note(7)));
  EXPECT_FALSE(notes_.Leave(Note(8)));
  notes_.Drop(notes_.Take(kNow)->place);
  EXPECT_TRUE(notes_.Leave(Note(8)));
}

TEST_F(DeathNotesTest, EachIsTakenOnceHoweverManyAsk) {
  SharedWords taken{256};
  for (std::uint8_t i = 0; i < DeathNotes::kPlaces; ++i) {
    ASSERT_TRUE(notes_.Leave(Note(i)));
  }
  RunInProcesses(4, [&](int) {
    DeathNotes mine(words_.words());
    while (const auto note = mine.Take(kNow)) taken.Increment(note->note.request[0]);
  });
  for (std::size_t i = 0; i < DeathNotes::kPlaces; ++i) EXPECT_EQ(taken[i], 1U);
}

}  // namespace
