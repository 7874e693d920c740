// Goal: the log in segment files answers and recovers what the model allows.
// Method: random batches, reads, compactions and resets on a simulated disk,
// with crashes between two operations, within one, and while the log is opened.

#include <cstdint>

#include "gtest/gtest.h"
#include "tests/engine/conformance/log_comparison.h"
#include "tests/engine/conformance/segment_log_subject.h"

namespace trimaran::engine {
namespace {

// Covers: D7, D8, D9, D10a, D10b, F3, F4, G10, G16a
TEST(SegmentLogConformanceTest, AnswersAndRecoversAsTheModel) {
  uint64_t crashes = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SegmentLogSubject subject;
    LogComparison comparison(subject, seed);
    ASSERT_EQ(comparison.Run(400), absl::OkStatus());
    crashes += comparison.crashes();
  }
  EXPECT_GT(crashes, 50u);
}

}  // namespace
}  // namespace trimaran::engine
