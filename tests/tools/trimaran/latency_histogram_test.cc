// Goal: percentiles are those of what was recorded, to 3 %.

#include "tools/trimaran/latency_histogram.h"

#include <limits>

#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

TEST(LatencyHistogramTest, IsEmptyAtFirst) {
  const LatencyHistogram latency;
  EXPECT_EQ(latency.count(), 0u);
  EXPECT_EQ(latency.mean(), 0u);
  EXPECT_EQ(latency.AtPermille(500), 0u);
  EXPECT_TRUE(latency.Octaves().empty());
}

TEST(LatencyHistogramTest, PercentilesAreCloseAndNeverBelow) {
  LatencyHistogram latency;
  for (uint64_t nanos = 1; nanos <= 100'000; ++nanos) latency.Record(nanos);
  for (const uint64_t permille : {1u, 10u, 500u, 900u, 990u, 999u, 1000u}) {
    const uint64_t exact = permille * 100;
    EXPECT_GE(latency.AtPermille(permille), exact);
    EXPECT_LE(latency.AtPermille(permille), exact + exact / 30 + 1);
  }
  EXPECT_EQ(latency.max(), 100'000u);
  EXPECT_EQ(latency.mean(), 50'000u);
}

TEST(LatencyHistogramTest, TakesAnyDuration) {
  LatencyHistogram latency;
  const uint64_t most = std::numeric_limits<uint64_t>::max();
  latency.Record(0);
  latency.Record(most);
  EXPECT_EQ(latency.AtPermille(1), 0u);
  EXPECT_EQ(latency.AtPermille(1000), most);
}

TEST(LatencyHistogramTest, OctavesCountEachOnce) {
  LatencyHistogram one;
  LatencyHistogram other;
  for (const uint64_t nanos : {5u, 6u, 31u, 32u, 33u, 63u, 64u, 1000u}) {
    one.Record(nanos);
  }
  other.Record(70);
  one.Merge(other);
  const auto octaves = one.Octaves();
  ASSERT_FALSE(octaves.empty());
  EXPECT_EQ(octaves.front().from_nanos, 4u);
  EXPECT_EQ(octaves.front().count, 2u);
  EXPECT_EQ(octaves[3].from_nanos, 32u);
  EXPECT_EQ(octaves[3].count, 3u);
  EXPECT_EQ(octaves[4].count, 2u);
  EXPECT_EQ(octaves.back().from_nanos, 512u);
  uint64_t all = 0;
  for (const auto& octave : octaves) all += octave.count;
  EXPECT_EQ(all, one.count());
}

}  // namespace
}  // namespace trimaran::tool
