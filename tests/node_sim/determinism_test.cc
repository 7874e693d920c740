// Goal: a seed stands for one run. Without that, no failure could be replayed.

#include <cstdio>
#include <set>

#include "gtest/gtest.h"
#include "tests/support/node_sim/node_run.h"
#include "tests/support/node_sim/node_swarm.h"

namespace trimaran::node_sim {
namespace {

NodeSimOptions ShortRun(uint64_t seed, StoreKind store = StoreKind::kModel) {
  NodeSimOptions options = DrawNodeSimOptions(seed, 0, store);
  options.safety_phase = sim::kSecond;
  return options;
}

TEST(NodeDeterminismTest, SameSeedGivesTheSameTrace) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const NodeRunResult first = RunNodeSimulation(ShortRun(seed), {});
    const NodeRunResult second = RunNodeSimulation(ShortRun(seed), {});
    EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
    EXPECT_EQ(first.events, second.events) << "seed " << seed;
    hashes.insert(first.trace_hash);
  }
  EXPECT_EQ(hashes.size(), 10u);
}

// What WiredTiger's threads do is not seen from outside.
TEST(NodeDeterminismTest, SameSeedGivesTheSameTraceOnEngines) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const NodeSimOptions options = ShortRun(seed, StoreKind::kEngine);
    const NodeRunResult first = RunNodeSimulation(options, {});
    const NodeRunResult second = RunNodeSimulation(options, {});
    EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
    EXPECT_EQ(first.events, second.events) << "seed " << seed;
    EXPECT_GT(first.stats.writes_ok, 0u) << "seed " << seed;
  }
}

TEST(NodeDeterminismTest, WritingTraceAndHistoryChangesNothing) {
  std::FILE* trace = std::tmpfile();
  std::FILE* history = std::tmpfile();
  ASSERT_NE(trace, nullptr);
  ASSERT_NE(history, nullptr);
  EXPECT_EQ(RunNodeSimulation(ShortRun(3), {}).trace_hash,
            RunNodeSimulation(ShortRun(3), {trace, history}).trace_hash);
  EXPECT_GT(std::ftell(trace), 1000);
  EXPECT_GT(std::ftell(history), 1000);
  std::fclose(trace);
  std::fclose(history);
}

}  // namespace
}  // namespace trimaran::node_sim
