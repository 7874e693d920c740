// Goal: what a whole group must do under faults, in a few worlds of each kind.
// The program beside this runs as many as one likes.

#include <cstdint>
#include <numeric>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/node_sim/node_run.h"
#include "tests/support/node_sim/node_swarm.h"

namespace trimaran::node_sim {
namespace {

using Change = absl::FunctionRef<void(NodeSimOptions&)>;

// The worlds of the first `seeds` with three voters, each as `change` makes it.
std::vector<NodeRunResult> RunWorlds(uint64_t seeds, StoreKind store,
                                     Change change) {
  std::vector<NodeRunResult> results;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    NodeSimOptions options = DrawNodeSimOptions(seed, 3, store);
    change(options);
    results.push_back(RunNodeSimulation(options, {}));
    EXPECT_TRUE(results.back().ok)
        << "seed " << seed << ": " << results.back().failure;
  }
  return results;
}

uint64_t Sum(const std::vector<NodeRunResult>& results,
             uint64_t NodeSimStats::*counter) {
  return std::accumulate(results.begin(), results.end(), uint64_t{0},
                         [counter](uint64_t sum, const NodeRunResult& result) {
                           return sum + result.stats.*counter;
                         });
}

// A second of many faults.
void Hurry(NodeSimOptions& options) {
  options.safety_phase = sim::kSecond;
  options.group.nemesis.down.mean = 30 * sim::kMillisecond;
}

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
  const auto results =
      RunWorlds(10, StoreKind::kEngine, [](NodeSimOptions& options) {
        Hurry(options);
        options.group.nemesis.crash_ppm = 100'000;
        options.nemesis.power_loss_ppm = 100'000;
      });
  EXPECT_GT(Sum(results, &NodeSimStats::crashes), 50u);
}

TEST(NodeFaultsTest, LaggardsAreBroughtUpBySnapshots) {
  const auto results =
      RunWorlds(20, StoreKind::kModel, [](NodeSimOptions& options) {
        options.node.maintenance.log_entries_limit = 2;
      });
  EXPECT_GT(Sum(results, &NodeSimStats::snapshots_installed), 10u);
}

// What is damaged is not always needed, and never goes unnoticed where it is.
TEST(NodeFaultsTest, DamagedStoreRefusesOrOwesOrIsIntact) {
  const auto results =
      RunWorlds(20, StoreKind::kEngine, [](NodeSimOptions& options) {
        Hurry(options);
        options.group.nemesis.change_members_ppm = 0;
        options.node.core.pre_vote = true;
        options.nemesis.damage_ppm = 200'000;
      });
  EXPECT_GT(Sum(results, &NodeSimStats::damages), 20u);
  EXPECT_GE(Sum(results, &NodeSimStats::damages_found), 5u);
  EXPECT_GE(Sum(results, &NodeSimStats::disks_wiped), 5u);
}

TEST(NodeFaultsTest, FullDisksAndFailingReadsLoseNothing) {
  const auto results =
      RunWorlds(5, StoreKind::kEngine, [](NodeSimOptions& options) {
        Hurry(options);
        options.node.space_interval = absl::Milliseconds(20);
        options.nemesis.read_error_ppm = 50'000;
        options.nemesis.full_disk_ppm = 50'000;
      });
  EXPECT_GT(Sum(results, &NodeSimStats::read_errors), 5u);
  EXPECT_GT(Sum(results, &NodeSimStats::full_disks), 5u);
}

// Nobody hears of it but its clients, and they are told nothing that only the
// group can know.
TEST(NodeFaultsTest, CopyOpenedBesideItsOriginalChangesNothing) {
  for (const StoreKind store : {StoreKind::kModel, StoreKind::kEngine}) {
    const auto results = RunWorlds(10, store, [](NodeSimOptions& options) {
      Hurry(options);
      options.nemesis.copy_ppm = 200'000;
    });
    EXPECT_GT(Sum(results, &NodeSimStats::copies_opened), 20u);
    EXPECT_GT(Sum(results, &NodeSimStats::answers_of_copies), 50u);
    EXPECT_GT(Sum(results, &NodeSimStats::reads_of_copies), 5u);
  }
}

// Where nothing is lost by that.
TEST(NodeFaultsTest, CopyKeptInPlaceOfItsOriginalCatchesUp) {
  for (const StoreKind store : {StoreKind::kModel, StoreKind::kEngine}) {
    const auto results = RunWorlds(10, store, [](NodeSimOptions& options) {
      Hurry(options);
      options.safety_phase = 3 * sim::kSecond;
      options.group.nemesis.change_members_ppm = 0;
      options.node.core.pre_vote = false;
      options.node.core.check_quorum = true;
      options.nemesis.operator_ppm = 1'000;
      options.nemesis.copy_ppm = 200'000;
    });
    EXPECT_GE(Sum(results, &NodeSimStats::copies_continued), 3u);
  }
}

}  // namespace
}  // namespace trimaran::node_sim
