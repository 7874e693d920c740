// What the simulator of whole nodes has found, as the seeds that showed it.

#include "gtest/gtest.h"
#include "tests/support/node_sim/node_run.h"
#include "tests/support/node_sim/node_swarm.h"

namespace trimaran::node_sim {
namespace {

void ExpectToPass(uint64_t seed) {
  const NodeRunResult result = RunNodeSimulation(
      DrawNodeSimOptions(seed, 0, StoreKind::kModel, Worlds::kOld), {});
  EXPECT_TRUE(result.ok) << result.failure;
}

// An answer to a leader of an old term was taken for the answer to a probe.
TEST(NodeFindingsTest, FollowerThatHeardAnOldTermIsNotSentASnapshot) {
  ExpectToPass(15);
}

// A leader that lost its office said of its writes that they were not applied.
TEST(NodeFindingsTest, LostOfficeDoesNotMakeWritesNotApplied) {
  ExpectToPass(55);
}

// A sole voter read at once what its learner had applied before.
TEST(NodeFindingsTest, SoleVoterWithALearnerIsNotAlone) { ExpectToPass(172); }

}  // namespace
}  // namespace trimaran::node_sim
