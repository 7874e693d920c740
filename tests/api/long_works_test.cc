// Goal: however many ask for long work, few hold what it needs at a time, and
// everybody is answered.

#include "api/src/long_works.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/errors.h"
#include "gtest/gtest.h"
#include "replication/node/event_loop.h"
#include "tests/support/node/blocking.h"

namespace trimaran {
namespace {

constexpr int kUnderWayMax = LongWorks::kUnderWayMax;

class LongWorksTest : public testing::Test {
 protected:
  ~LongWorksTest() override {
    for (std::thread& caller : callers_) caller.join();
    // A task may be about to end.
    owned_lane_.reset();
  }

  // Goes on until may_end_.
  LongWorks::Step LastingStep() {
    return [this, begun = false](auto) mutable -> absl::StatusOr<bool> {
      if (!begun) ++begun_;
      begun = true;
      if (!may_end_) return true;
      ++ended_;
      return false;
    };
  }
  void AskForLastingWorks(int count) {
    for (int i = 0; i < count; ++i) {
      callers_.emplace_back([this] {
        const absl::Status answer =
            works_.Run(absl::InfiniteDuration(), LastingStep());
        answer.ok() ? ++succeeded_ : ++failed_;
      });
    }
  }
  // What was posted has been run.
  void AwaitLane() {
    std::atomic<bool> reached = false;
    lane_.Post([&reached] { reached = true; });
    EXPECT_TRUE(Eventually([&] { return reached.load(); }));
  }

  MonotonicClock clock_;
  std::atomic<bool> closing_ = false;
  std::atomic<bool> may_end_ = false;
  std::atomic<int> begun_ = 0;
  std::atomic<int> ended_ = 0;
  std::atomic<int> succeeded_ = 0;
  std::atomic<int> failed_ = 0;
  std::unique_ptr<EventLoop> owned_lane_ = std::make_unique<EventLoop>(clock_);
  EventLoop& lane_ = *owned_lane_;
  LongWorks works_{lane_, clock_, closing_};
  std::vector<std::thread> callers_;
};

TEST_F(LongWorksTest, OthersWaitTheirTurn) {
  AskForLastingWorks(5 * kUnderWayMax);
  ASSERT_TRUE(Eventually([&] { return begun_ == kUnderWayMax; }));
  AwaitLane();
  EXPECT_EQ(begun_, kUnderWayMax);

  may_end_ = true;

  EXPECT_TRUE(Eventually([&] { return succeeded_ == 5 * kUnderWayMax; }));
  EXPECT_EQ(ended_, 5 * kUnderWayMax);
}

TEST_F(LongWorksTest, WhoWaitsForHisTurnGivesUpAtHisDeadline) {
  AskForLastingWorks(kUnderWayMax);
  ASSERT_TRUE(Eventually([&] { return begun_ == kUnderWayMax; }));
  const auto held = std::make_shared<std::string>("what a step needs");
  const std::weak_ptr<std::string> seen = held;

  for (int i = 0; i < 3; ++i) {
    const absl::Status late = works_.Run(
        absl::Milliseconds(1), [this, held](auto) -> absl::StatusOr<bool> {
          ++begun_;
          return false;
        });
    EXPECT_TRUE(absl::IsDeadlineExceeded(late)) << late;
    EXPECT_EQ(OutcomeOf(late), WriteOutcome::kNotApplied);
    AwaitLane();
    // Held here, and by the last one.
    EXPECT_EQ(seen.use_count(), 2);
  }
  may_end_ = true;

  EXPECT_TRUE(Eventually([&] { return succeeded_ == kUnderWayMax; }));
  AwaitLane();
  EXPECT_EQ(begun_, kUnderWayMax);
  EXPECT_EQ(seen.use_count(), 1);
}

TEST_F(LongWorksTest, WhatHasBegunMayHaveDoneSomething) {
  absl::Status late;
  // However late a busy machine begins with it.
  for (auto timeout = absl::Milliseconds(50); timeout < absl::Minutes(1);
       timeout *= 2) {
    late = works_.Run(timeout, LastingStep());
    ASSERT_TRUE(absl::IsDeadlineExceeded(late)) << late;
    if (OutcomeOf(late) != WriteOutcome::kNotApplied) break;
  }
  EXPECT_EQ(OutcomeOf(late), WriteOutcome::kUnknown);
  EXPECT_TRUE(Eventually([&] { return begun_ == 1; }));
}

TEST_F(LongWorksTest, ClosingAnswersThoseWhoWait) {
  AskForLastingWorks(3 * kUnderWayMax);
  ASSERT_TRUE(Eventually([&] { return begun_ == kUnderWayMax; }));

  closing_ = true;

  EXPECT_TRUE(Eventually([&] { return failed_ == 3 * kUnderWayMax; }));
  EXPECT_EQ(ended_, 0);
}

TEST_F(LongWorksTest, StepThatClosingEndsIsToldSo) {
  const absl::Status answer = works_.Run(
      absl::InfiniteDuration(), [this](auto wanted) -> absl::StatusOr<bool> {
        closing_ = true;
        EXPECT_FALSE(wanted());
        return absl::CancelledError("not wanted");
      });
  EXPECT_TRUE(absl::IsFailedPrecondition(answer)) << answer;
}

}  // namespace
}  // namespace trimaran
