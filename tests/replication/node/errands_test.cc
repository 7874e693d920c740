// Goal: work done on another lane is reported on the raft lane, and is over,
// with all that it held, when it is.

#include "replication/node/errands.h"

#include <memory>
#include <utility>

#include "gtest/gtest.h"
#include "tests/replication/node/manual_lane.h"

namespace trimaran {
namespace {

TEST(ErrandsTest, ReportComesOnTheRaftLaneAndIsCountedUntilThen) {
  ManualLane raft;
  ManualLane other;
  int reported = 0;
  Errands errands(raft, [&reported] { ++reported; });
  int result = 0;
  errands.Run(
      other, [] { return 7; }, [&result](int value) { result = value; });
  EXPECT_EQ(errands.running(), 1u);
  EXPECT_TRUE(raft.idle());

  other.RunOne();
  EXPECT_EQ(result, 0);
  EXPECT_EQ(errands.running(), 1u);

  raft.RunOne();
  EXPECT_EQ(result, 7);
  EXPECT_EQ(reported, 1);
  EXPECT_EQ(errands.running(), 0u);
}

TEST(ErrandsTest, WhatTheWorkHoldsEndsOnItsLane) {
  ManualLane raft;
  ManualLane other;
  int reported = 0;
  Errands errands(raft, [&reported] { ++reported; });
  auto held = std::make_unique<std::shared_ptr<int>>(std::make_shared<int>(1));
  const std::weak_ptr<int> watch = *held;
  errands.Run(
      other, [held = std::move(held)] { return **held; }, [](int) {});
  EXPECT_FALSE(watch.expired());
  other.RunOne();
  EXPECT_TRUE(watch.expired());
  raft.RunOne();
  EXPECT_EQ(reported, 1);
}

TEST(ErrandsTest, ReportMaySendTheNextOne) {
  ManualLane raft;
  ManualLane other;
  size_t running_behind = 99;
  std::unique_ptr<Errands> errands;
  errands = std::make_unique<Errands>(
      raft, [&] { running_behind = errands->running(); });
  errands->Run(
      other, [] { return 1; },
      [&](int) {
        errands->Run(
            other, [] { return 2; }, [](int) {});
      });
  other.RunOne();
  raft.RunOne();
  EXPECT_EQ(running_behind, 1u);
  other.RunOne();
  raft.RunOne();
  EXPECT_EQ(running_behind, 0u);
}

}  // namespace
}  // namespace trimaran
