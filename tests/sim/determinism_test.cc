// Goal: a seed stands for one run. Without that, no failure could be replayed.

#include <gtest/gtest.h>

#include <set>

#include "tests/support/sim/sim_run.h"
#include "tests/support/sim/swarm.h"

namespace trimaran::sim {
namespace {

SimOptions ShortRun(uint64_t seed) {
  SimOptions options = SwarmOptions(seed, 0);
  options.safety_phase = 5 * kSecond;
  return options;
}

TEST(DeterminismTest, SameSeedGivesTheSameTrace) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const RunResult first = RunSimulation(ShortRun(seed), nullptr);
    const RunResult second = RunSimulation(ShortRun(seed), nullptr);
    EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
    EXPECT_EQ(first.stats.events, second.stats.events) << "seed " << seed;
    EXPECT_EQ(first.simulated, second.simulated) << "seed " << seed;
  }
}

TEST(DeterminismTest, WritingTheTraceChangesNothing) {
  std::FILE* sink = std::tmpfile();
  ASSERT_NE(sink, nullptr);
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    EXPECT_EQ(RunSimulation(ShortRun(seed), nullptr).trace_hash,
              RunSimulation(ShortRun(seed), sink).trace_hash);
  }
  EXPECT_GT(std::ftell(sink), 1000);
  std::fclose(sink);
}

TEST(DeterminismTest, OtherSeedsGiveOtherTraces) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    hashes.insert(RunSimulation(ShortRun(seed), nullptr).trace_hash);
  }
  EXPECT_EQ(hashes.size(), 10u);
}

TEST(DeterminismTest, SeedsDrawEveryKindOfWorld) {
  std::set<size_t> voters;
  int lease = 0;
  int without_pre_vote = 0;
  int members = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SimOptions options = SwarmOptions(seed, 0);
    options.core.id = ReplicaId(1);
    EXPECT_TRUE(options.core.Validate().ok()) << "seed " << seed;
    EXPECT_LE(options.voters + options.learners, 7u);
    voters.insert(options.voters);
    lease += options.core.lease_reads ? 1 : 0;
    without_pre_vote += options.core.pre_vote ? 0 : 1;
    members += options.nemesis.change_members_ppm > 0 ? 1 : 0;
  }
  EXPECT_EQ(voters, (std::set<size_t>{1, 2, 3, 4, 5, 7}));
  EXPECT_GT(lease, 50);
  EXPECT_GT(without_pre_vote, 50);
  EXPECT_GT(members, 200);
}

TEST(DeterminismTest, LeaseMarginGrowsWithTheSkewOfClocks) {
  EXPECT_EQ(LeaseMarginTicks(10, 0), 1);
  EXPECT_EQ(LeaseMarginTicks(10, 50'000), 2);
  EXPECT_EQ(LeaseMarginTicks(30, 50'000), 4);
}

}  // namespace
}  // namespace trimaran::sim
