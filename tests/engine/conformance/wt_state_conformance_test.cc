// Goal: the state machine on WiredTiger answers and recovers what the model
// allows. Method: random commands, reads, checkpoints, exports, imports and
// switches on a simulated disk, with crashes between them.

#include <cstdint>

#include "gtest/gtest.h"
#include "tests/engine/conformance/state_comparison.h"
#include "tests/engine/conformance/wt_state_subject.h"

namespace trimaran::engine {
namespace {

// Covers: D11, F2, F8a, G9, G10, G16
TEST(WtStateConformanceTest, AnswersAndRecoversAsTheModel) {
  uint64_t crashes = 0;
  uint64_t switches = 0;
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    WtStateSubject subject;
    StateComparison comparison(subject, seed);
    ASSERT_EQ(comparison.Run(200), absl::OkStatus());
    crashes += comparison.crashes();
    switches += comparison.switches();
  }
  EXPECT_GT(crashes, 3u);
  EXPECT_GT(switches, 3u);
}

// Covers: D10
TEST(WtStateConformanceTest, StatesThatWereGivenUpLeaveNoFiles) {
  WtStateSubject subject;
  StateComparison comparison(subject, 3);
  ASSERT_EQ(comparison.Run(200), absl::OkStatus());
  ASSERT_GT(comparison.switches(), 0u);

  // Opening finds what has been left, however it came to be.
  ASSERT_EQ(comparison.Crash(), absl::OkStatus());

  const auto files = subject.TableFiles();
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->size(), 1u);
}

}  // namespace
}  // namespace trimaran::engine
