#include "writer/sweep_pacer.h"

#include <gtest/gtest.h>

namespace writer {
namespace {

using base::milliseconds;

enum class Load : bool { kIdle, kBusy };

// Steps of 4 ms whenever one is due, for ten seconds; gives the milliseconds spent in them.
milliseconds SweptIn10Seconds(Load load) {
  SweepPacer pacer;
  milliseconds spent{0};
  for (milliseconds now{1000}; now < milliseconds(11'000); now += milliseconds(1)) {
    if (load == Load::kBusy) pacer.NoteWork();
    if (!pacer.IsDue(now)) continue;
    pacer.NoteStep(now, now + milliseconds(4), true);
    now += milliseconds(4);
    spent += milliseconds(4);
  }
  return spent;
}

TEST(SweepPacer, TakesAFifthOfTheTimeWhileNothingElseIsAsked) {
  EXPECT_LE(SweptIn10Seconds(Load::kIdle), milliseconds(2000));
  EXPECT_GE(SweptIn10Seconds(Load::kIdle), milliseconds(1700));
}

TEST(SweepPacer, TakesFivePercentWhileThereIsWork) {
  EXPECT_LE(SweptIn10Seconds(Load::kBusy), milliseconds(520));
  EXPECT_GE(SweptIn10Seconds(Load::kBusy), milliseconds(400));
}

TEST(SweepPacer, LooksOnceASecondWhenAllIsSwept) {
  SweepPacer pacer;
  EXPECT_TRUE(pacer.IsDue(milliseconds(5000)));
  pacer.NoteStep(milliseconds(5000), milliseconds(5001), false);
  EXPECT_EQ(pacer.TimeToNext(milliseconds(5001)), milliseconds(1000));
  EXPECT_TRUE(pacer.IsDue(milliseconds(6001)));
}

TEST(SweepPacer, IsStarvedWhenNoIdleMomentCameForFiveSeconds) {
  SweepPacer pacer;
  pacer.NoteStep(milliseconds(1000), milliseconds(1004), true);
  pacer.NoteWork();
  EXPECT_FALSE(pacer.IsStarved(milliseconds(6003)));
  EXPECT_TRUE(pacer.IsStarved(milliseconds(6004)));
}

}  // namespace
}  // namespace writer
