// Goal: what a whole group must do under faults, in a few worlds of each kind.
// The program beside this runs as many as one likes.

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/node_sim/node_run.h"
#include "tests/support/node_sim/node_swarm.h"

namespace trimaran::node_sim {
namespace {

// Covers: E19c
TEST(NodeFaultsTest, HistoriesOfAllReplicasAreLinearizable) {
  uint64_t crashes = 0;
  uint64_t calls = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const NodeRunResult result =
        RunNodeSimulation(DrawNodeSimOptions(seed, 0, StoreKind::kModel), {});
    EXPECT_TRUE(result.ok) << "seed " << seed << ": " << result.failure;
    crashes += result.stats.crashes;
    calls += result.calls;
  }
  EXPECT_GT(crashes, 10u);
  EXPECT_GT(calls, 1000u);
}

// Covers: E19a
TEST(NodeFaultsTest, ReplicaStartsAgainWhereverItIsKilled) {
  uint64_t kills = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    NodeSimOptions options = DrawNodeSimOptions(seed, 3, StoreKind::kEngine);
    options.safety_phase = sim::kSecond;
    options.group.nemesis.crash_ppm = 100'000;
    options.group.nemesis.down.mean = 30 * sim::kMillisecond;
    options.nemesis.power_loss_ppm = 100'000;
    const NodeRunResult result = RunNodeSimulation(options, {});
    EXPECT_TRUE(result.ok) << "seed " << seed << ": " << result.failure;
    kills += result.stats.crashes;
  }
  EXPECT_GT(kills, 50u);
}

TEST(NodeFaultsTest, LaggardsAreBroughtUpBySnapshots) {
  uint64_t installed = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    NodeSimOptions options = DrawNodeSimOptions(seed, 3, StoreKind::kModel);
    options.node.maintenance.log_entries_limit = 2;
    const NodeRunResult result = RunNodeSimulation(options, {});
    EXPECT_TRUE(result.ok) << "seed " << seed << ": " << result.failure;
    installed += result.stats.snapshots_installed;
  }
  EXPECT_GT(installed, 10u);
}

// What is damaged is not always needed, and never goes unnoticed where it is.
TEST(NodeFaultsTest, DamagedStoreRefusesOrOwesOrIsIntact) {
  NodeSimStats total;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    NodeSimOptions options = DrawNodeSimOptions(seed, 3, StoreKind::kEngine);
    options.safety_phase = sim::kSecond;
    options.group.nemesis.change_members_ppm = 0;
    options.group.nemesis.down.mean = 30 * sim::kMillisecond;
    options.node.core.pre_vote = true;
    options.nemesis.damage_ppm = 200'000;
    const NodeRunResult result = RunNodeSimulation(options, {});
    EXPECT_TRUE(result.ok) << "seed " << seed << ": " << result.failure;
    total.damages += result.stats.damages;
    total.damages_found += result.stats.damages_found;
    total.disks_wiped += result.stats.disks_wiped;
  }
  EXPECT_GT(total.damages, 20u);
  EXPECT_GE(total.damages_found, 5u);
  EXPECT_GE(total.disks_wiped, 5u);
}

TEST(NodeFaultsTest, FullDisksAndFailingReadsLoseNothing) {
  NodeSimStats total;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    NodeSimOptions options = DrawNodeSimOptions(seed, 3, StoreKind::kEngine);
    options.safety_phase = sim::kSecond;
    options.group.nemesis.down.mean = 30 * sim::kMillisecond;
    options.node.space_interval = absl::Milliseconds(20);
    options.nemesis.read_error_ppm = 50'000;
    options.nemesis.full_disk_ppm = 50'000;
    const NodeRunResult result = RunNodeSimulation(options, {});
    EXPECT_TRUE(result.ok) << "seed " << seed << ": " << result.failure;
    total.read_errors += result.stats.read_errors;
    total.full_disks += result.stats.full_disks;
  }
  EXPECT_GT(total.read_errors, 5u);
  EXPECT_GT(total.full_disks, 5u);
}

// Nobody hears of it but its clients, and they are told nothing that only the
// group can know.
TEST(NodeFaultsTest, CopyOpenedBesideItsOriginalChangesNothing) {
  for (const StoreKind store : {StoreKind::kModel, StoreKind::kEngine}) {
    NodeSimStats total;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      NodeSimOptions options = DrawNodeSimOptions(seed, 3, store);
      options.safety_phase = sim::kSecond;
      options.group.nemesis.down.mean = 30 * sim::kMillisecond;
      options.nemesis.copy_ppm = 200'000;
      const NodeRunResult result = RunNodeSimulation(options, {});
      EXPECT_TRUE(result.ok) << "seed " << seed << ": " << result.failure;
      total.copies_opened += result.stats.copies_opened;
      total.answers_of_copies += result.stats.answers_of_copies;
      total.reads_of_copies += result.stats.reads_of_copies;
    }
    EXPECT_GT(total.copies_opened, 20u);
    EXPECT_GT(total.answers_of_copies, 50u);
    EXPECT_GT(total.reads_of_copies, 5u);
  }
}

// Where nothing is lost by that.
TEST(NodeFaultsTest, CopyKeptInPlaceOfItsOriginalCatchesUp) {
  for (const StoreKind store : {StoreKind::kModel, StoreKind::kEngine}) {
    uint64_t kept = 0;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      NodeSimOptions options = DrawNodeSimOptions(seed, 3, store);
      options.safety_phase = 3 * sim::kSecond;
      options.group.nemesis.change_members_ppm = 0;
      options.group.nemesis.down.mean = 30 * sim::kMillisecond;
      options.node.core.pre_vote = false;
      options.node.core.check_quorum = true;
      options.nemesis.operator_ppm = 1'000;
      options.nemesis.copy_ppm = 200'000;
      const NodeRunResult result = RunNodeSimulation(options, {});
      EXPECT_TRUE(result.ok) << "seed " << seed << ": " << result.failure;
      kept += result.stats.copies_continued;
    }
    EXPECT_GE(kept, 3u);
  }
}

}  // namespace
}  // namespace trimaran::node_sim
