// Goal: wherever a node is killed, between any two operations on its disk, it
// starts again, has everything that it has acknowledged, and does nothing
// twice.
//
// TRIMARAN_CRASHES=all crashes everywhere, not at every so-many-th operation.

#include <cstdint>
#include <cstdlib>

#include "engine/founding.h"
#include "gtest/gtest.h"
#include "tests/crash/crash_points.h"
#include "tests/replication/node/node_scenario.h"

namespace trimaran {
namespace {

uint64_t StrideOf(uint64_t usual) {
  return std::getenv("TRIMARAN_CRASHES") == nullptr ? usual : 1;
}

void ExpectNothingLost(NodeScenario& scenario, uint64_t usual_stride) {
  crash::CrashPlan plan;
  plan.fixed_stride = StrideOf(usual_stride);
  plan.seeded_stride = StrideOf(5 * usual_stride);
  const crash::CrashReport report = crash::TryCrashes(scenario, plan);
  EXPECT_TRUE(report.failures.empty()) << report.ToString();
  // The story has all that it was meant to have.
  EXPECT_GT(report.operations, 300u);
  EXPECT_GT(report.images, 50u);
  EXPECT_GT(scenario.ending().truncated, engine::kBootstrapPosition.index);
  EXPECT_GT(scenario.ending().durable, engine::kBootstrapPosition.index);
  testing::Test::RecordProperty("crashes", report.ToString());
}

// Covers: E19a
TEST(NodeCrashTest, SoleReplicaSurvivesEveryCrash) {
  NodeScenario scenario(1);
  ExpectNothingLost(scenario, 4);
}

// Covers: E19a
TEST(NodeCrashTest, FollowerSurvivesEveryCrash) {
  NodeScenario scenario(3);
  ExpectNothingLost(scenario, 10);
  EXPECT_GT(scenario.ending().generation, 1u) << "it has installed no snapshot";
}

}  // namespace
}  // namespace trimaran
