// Goal: every duration is counted once, in the bucket of its length, whoever
// else records at the same time.

#include "engine/base/histogram.h"

#include <cstdint>
#include <numeric>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

uint64_t CountOf(const Histogram::Reading& reading) {
  return std::accumulate(reading.counts.begin(), reading.counts.end(),
                         uint64_t{0});
}

TEST(HistogramTest, BoundsGrow) {
  for (size_t i = 1; i < Histogram::kBounds.size(); ++i) {
    EXPECT_LT(Histogram::kBounds[i - 1], Histogram::kBounds[i]);
  }
}

TEST(HistogramTest, BoundBelongsToTheBucketThatItEnds) {
  for (size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    Histogram histogram;
    histogram.Record(absl::Nanoseconds(Histogram::kBounds[i]));
    histogram.Record(absl::Nanoseconds(Histogram::kBounds[i] + 1));
    const Histogram::Reading reading = histogram.Read();
    EXPECT_EQ(reading.counts[i], 1U) << i;
    EXPECT_EQ(reading.counts[i + 1], 1U) << i;
    EXPECT_EQ(CountOf(reading), 2U);
  }
}

TEST(HistogramTest, SumIsOfAllThatWasRecorded) {
  Histogram histogram;
  histogram.Record(absl::Milliseconds(3));
  histogram.Record(absl::Seconds(100));
  histogram.Record(absl::ZeroDuration());
  const Histogram::Reading reading = histogram.Read();
  EXPECT_EQ(reading.sum, absl::Milliseconds(100'003));
  EXPECT_EQ(reading.counts.front(), 1U);
  EXPECT_EQ(reading.counts.back(), 1U);
}

TEST(HistogramTest, NegativeDurationCountsAsNone) {
  Histogram histogram;
  histogram.Record(-absl::Seconds(1));
  EXPECT_EQ(histogram.Read().counts.front(), 1U);
  EXPECT_EQ(histogram.Read().sum, absl::ZeroDuration());
}

TEST(HistogramTest, NothingIsLostAmongThreads) {
  Histogram histogram;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&histogram] {
      for (int i = 0; i < 10000; ++i) {
        histogram.Record(absl::Microseconds(i % 100));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Histogram::Reading reading = histogram.Read();
  EXPECT_EQ(CountOf(reading), 40000U);
  EXPECT_EQ(reading.sum, absl::Microseconds(4 * 100 * 4950));
}

}  // namespace
}  // namespace trimaran
