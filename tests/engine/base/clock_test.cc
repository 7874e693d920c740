// Goal: moments and durations do not overflow at their limits, the machine's
// clock does not go back, and the manual one moves only when told.

#include "engine/base/clock.h"

#include <cstdint>
#include <limits>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/manual_clock.h"

namespace trimaran {
namespace {

constexpr MonotonicTime kNow(1'000'000'000);

TEST(MonotonicTimeTest, AddsAndSubtractsDurations) {
  const MonotonicTime later = kNow + absl::Milliseconds(3);
  EXPECT_EQ(later.nanos(), 1'003'000'000);
  EXPECT_EQ(later - kNow, absl::Milliseconds(3));
  EXPECT_EQ(kNow - later, -absl::Milliseconds(3));
  EXPECT_GT(later, kNow);
}

TEST(MonotonicTimeTest, AnInfiniteDeadlineStaysInfinite) {
  const MonotonicTime never = kNow + absl::InfiniteDuration();
  EXPECT_EQ(never, MonotonicTime::Infinite());
  EXPECT_EQ(never + -absl::Hours(1), never);
  EXPECT_EQ(never - kNow, absl::InfiniteDuration());
  EXPECT_GT(never, kNow + absl::Hours(24 * 365 * 100));
}

TEST(MonotonicTimeTest, SaturatesInsteadOfOverflowing) {
  const MonotonicTime late(std::numeric_limits<int64_t>::max() - 1);
  const MonotonicTime early(std::numeric_limits<int64_t>::min() + 1);
  EXPECT_EQ(late + absl::Hours(1), MonotonicTime::Infinite());
  EXPECT_EQ((early + -absl::Hours(1)).nanos(),
            std::numeric_limits<int64_t>::min());
  EXPECT_GT(late - early, absl::Hours(24 * 365 * 500));
}

// Many readings in a row, no sleep: also ones within the clock's resolution.
TEST(MonotonicClockTest, NeverGoesBack) {
  const MonotonicClock clock;
  MonotonicTime last = clock.Now();
  for (int i = 0; i < 10000; ++i) {
    const MonotonicTime now = clock.Now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(ManualClockTest, MovesOnlyWhenTold) {
  ManualClock clock(kNow);
  EXPECT_EQ(clock.Now(), kNow);
  clock.Advance(absl::ZeroDuration());
  EXPECT_EQ(clock.Now(), kNow);
  clock.Advance(absl::Seconds(2));
  EXPECT_EQ(clock.Now() - kNow, absl::Seconds(2));
}

TEST(ManualClockDeathTest, RefusesToGoBack) {
  ManualClock clock;
  EXPECT_DEATH(clock.Advance(-absl::Nanoseconds(1)), "duration");
  EXPECT_DEATH(clock.Advance(absl::InfiniteDuration()), "duration");
}

}  // namespace
}  // namespace trimaran
