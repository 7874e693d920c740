// Goal: attempts, chunks and log lines come as often as they may.

#include "engine/base/random.h"
#include "gtest/gtest.h"
#include "replication/tcp/backoff.h"
#include "replication/tcp/log_limiter.h"
#include "replication/tcp/token_bucket.h"

namespace trimaran {
namespace {

MonotonicTime At(absl::Duration since_start) {
  return MonotonicTime(absl::ToInt64Nanoseconds(absl::Hours(1))) + since_start;
}

TEST(BackoffTest, DoublesUpToTheLimit) {
  SeededRandom random(1);
  Backoff backoff(absl::Milliseconds(10), absl::Milliseconds(100), random);
  for (const int ceiling : {10, 20, 40, 80, 100, 100, 100}) {
    const absl::Duration wait = backoff.Next();
    EXPECT_GE(wait, absl::Milliseconds(ceiling) / 2);
    EXPECT_LE(wait, absl::Milliseconds(ceiling));
  }
}

TEST(BackoffTest, DrawsTheWait) {
  SeededRandom random(2);
  Backoff one(absl::Seconds(1), absl::Seconds(1), random);
  Backoff other(absl::Seconds(1), absl::Seconds(1), random);
  EXPECT_NE(one.Next(), other.Next());
}

TEST(BackoffTest, BeginsAnewAndCanBeExhausted) {
  SeededRandom random(3);
  Backoff backoff(absl::Milliseconds(10), absl::Seconds(10), random);
  backoff.Exhaust();
  EXPECT_GE(backoff.Next(), absl::Seconds(5));
  EXPECT_GE(backoff.Next(), absl::Seconds(5));
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(10));
}

TEST(TokenBucketTest, LetsThroughWhatTheRateAllows) {
  TokenBucket bucket(1000);
  EXPECT_EQ(bucket.WaitTime(At(absl::ZeroDuration())), absl::ZeroDuration());
  bucket.Take(600);
  // A tenth of a second's worth was in it.
  EXPECT_NEAR(absl::ToDoubleSeconds(bucket.WaitTime(At(absl::ZeroDuration()))),
              0.5, 0.01);
  EXPECT_NEAR(
      absl::ToDoubleSeconds(bucket.WaitTime(At(absl::Milliseconds(300)))), 0.2,
      0.01);
  EXPECT_EQ(bucket.WaitTime(At(absl::Milliseconds(501))), absl::ZeroDuration());
}

TEST(TokenBucketTest, DoesNotSaveUp) {
  TokenBucket bucket(1000);
  EXPECT_EQ(bucket.WaitTime(At(absl::Hours(5))), absl::ZeroDuration());
  bucket.Take(1100);
  EXPECT_NEAR(absl::ToDoubleSeconds(bucket.WaitTime(At(absl::Hours(5)))), 1.0,
              0.01);
}

TEST(TokenBucketTest, MayHaveNoLimit) {
  TokenBucket bucket(0);
  bucket.Take(size_t{1} << 40);
  EXPECT_EQ(bucket.WaitTime(At(absl::ZeroDuration())), absl::ZeroDuration());
}

TEST(LogLimiterTest, SaysTheSameOfOnePeerOnceInAWhile) {
  LogLimiter limiter(absl::Seconds(30));
  EXPECT_TRUE(limiter.Admits(ReplicaId(2), "refused", At(absl::Seconds(0))));
  EXPECT_FALSE(limiter.Admits(ReplicaId(2), "refused", At(absl::Seconds(29))));
  EXPECT_TRUE(limiter.Admits(ReplicaId(3), "refused", At(absl::Seconds(29))));
  EXPECT_TRUE(limiter.Admits(ReplicaId(2), "silent", At(absl::Seconds(29))));
  EXPECT_TRUE(limiter.Admits(ReplicaId(2), "refused", At(absl::Seconds(30))));
}

TEST(LogLimiterTest, RemembersABoundedNumberOfThings) {
  LogLimiter limiter(absl::Seconds(30));
  for (size_t i = 0; i < LogLimiter::kEntriesMax; ++i) {
    EXPECT_TRUE(limiter.Admits(ReplicaId(i), "x", At(absl::Seconds(0))));
  }
  EXPECT_FALSE(limiter.Admits(ReplicaId(1u << 20), "x", At(absl::Seconds(1))));
  // Until what was said is forgotten.
  EXPECT_TRUE(limiter.Admits(ReplicaId(1u << 20), "x", At(absl::Seconds(31))));
}

}  // namespace
}  // namespace trimaran
