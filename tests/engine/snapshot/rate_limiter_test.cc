// Goal: work is spread over time as the limit says, without a clock.

#include "engine/snapshot/rate_limiter.h"

#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

constexpr RateLimit kLimit{1000, 500};

MonotonicTime At(double seconds) {
  return MonotonicTime(static_cast<int64_t>(seconds * 1e9));
}

TEST(RateLimiterTest, ABurstIsFreeAndWhatFollowsIsNot) {
  RateLimiter limiter(kLimit, At(0));
  EXPECT_EQ(limiter.Charge(500, At(0)), absl::ZeroDuration());
  EXPECT_EQ(limiter.Charge(100, At(0)), absl::Milliseconds(100));
}

TEST(RateLimiterTest, WhoWaitsAsLongAsToldKeepsTheRate) {
  RateLimiter limiter(kLimit, At(0));
  MonotonicTime now = At(0);
  for (int i = 0; i < 100; ++i) now = now + limiter.Charge(1000, now);
  // 100,000 bytes, of which the first 500 were free.
  EXPECT_NEAR(absl::ToDoubleSeconds(now - At(0)), 99.5, 1e-3);
}

TEST(RateLimiterTest, APauseEarnsNoMoreThanABurst) {
  RateLimiter limiter(kLimit, At(0));
  EXPECT_EQ(limiter.Charge(500, At(0)), absl::ZeroDuration());
  EXPECT_EQ(limiter.Charge(600, At(3600)), absl::Milliseconds(100));
}

TEST(RateLimiterTest, WorkLargerThanTheBurstIsPaidBack) {
  RateLimiter limiter(kLimit, At(0));
  EXPECT_EQ(limiter.Charge(10'500, At(0)), absl::Seconds(10));
  EXPECT_EQ(limiter.Charge(0, At(4)), absl::Seconds(6));
}

TEST(RateLimiterTest, NoLimitIsNoWait) {
  RateLimiter limiter(RateLimit{0, 1}, At(0));
  EXPECT_EQ(limiter.Charge(uint64_t{1} << 40, At(0)), absl::ZeroDuration());
}

TEST(RateLimiterTest, ANewLimitHoldsFromThenOn) {
  RateLimiter limiter(kLimit, At(0));
  EXPECT_EQ(limiter.Charge(1500, At(0)), absl::Seconds(1));
  limiter.SetLimit({2000, 500}, At(0));
  EXPECT_EQ(limiter.Charge(0, At(0)), absl::Milliseconds(500));
}

}  // namespace
}  // namespace trimaran::engine
