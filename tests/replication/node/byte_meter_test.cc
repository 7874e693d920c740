// Goal: the bytes behind an index are never told too low, hardly too high, and
// in bounded memory.

#include "replication/node/byte_meter.h"

#include "gtest/gtest.h"

namespace trimaran {
namespace {

TEST(ByteMeterTest, CountsWhatLiesBehindAnIndex) {
  ByteMeter meter(1, LogIndex(10));
  EXPECT_EQ(meter.After(LogIndex(10)), 0u);
  meter.Add(LogIndex(11), 100);
  meter.Add(LogIndex(14), 30);
  EXPECT_EQ(meter.total(), 130u);
  EXPECT_EQ(meter.After(LogIndex(10)), 130u);
  EXPECT_EQ(meter.After(LogIndex(11)), 30u);
  EXPECT_EQ(meter.After(LogIndex(14)), 0u);
  EXPECT_EQ(meter.After(LogIndex(20)), 0u);
}

TEST(ByteMeterTest, WhatWasThereBeforeItBeganDoesNotCount) {
  ByteMeter meter(1, LogIndex(10));
  meter.Add(LogIndex(11), 7);
  EXPECT_EQ(meter.After(LogIndex(3)), 7u);
}

TEST(ByteMeterTest, IsTooHighByLessThanAGrain) {
  constexpr uint64_t kGrain = 64;
  ByteMeter meter(kGrain, LogIndex(0));
  for (uint64_t index = 1; index <= 1000; ++index) {
    meter.Add(LogIndex(index), 10);
  }
  for (uint64_t index = 0; index <= 1000; ++index) {
    const uint64_t exact = (1000 - index) * 10;
    EXPECT_GE(meter.After(LogIndex(index)), exact);
    EXPECT_LT(meter.After(LogIndex(index)), exact + kGrain + 10);
  }
}

TEST(ByteMeterTest, GrainDoublesWhereThereWouldBeTooManyMarks) {
  ByteMeter meter(1, LogIndex(0));
  for (uint64_t index = 1; index <= 10 * ByteMeter::kMarksMax; ++index) {
    meter.Add(LogIndex(index), 1);
  }
  EXPECT_GE(meter.grain(), 10u);
  EXPECT_LE(meter.grain(), 64u);
  EXPECT_EQ(meter.After(LogIndex(0)), 10 * ByteMeter::kMarksMax);
}

TEST(ByteMeterTest, WhatIsForgottenIsNotAskedFor) {
  ByteMeter meter(1, LogIndex(0));
  for (uint64_t index = 1; index <= 100; ++index) {
    meter.Add(LogIndex(index), 1);
  }
  meter.ForgetBefore(LogIndex(60));
  EXPECT_EQ(meter.After(LogIndex(60)), 40u);
  EXPECT_EQ(meter.After(LogIndex(61)), 39u);
}

TEST(ByteMeterTest, RestartsWhereASnapshotPutsTheState) {
  ByteMeter meter(1, LogIndex(0));
  meter.Add(LogIndex(5), 50);
  meter.Restart(LogIndex(500));
  EXPECT_EQ(meter.After(LogIndex(500)), 0u);
  meter.Add(LogIndex(501), 8);
  EXPECT_EQ(meter.After(LogIndex(500)), 8u);
  EXPECT_EQ(meter.total(), 58u);
}

}  // namespace
}  // namespace trimaran
